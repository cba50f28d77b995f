import { homedir } from 'node:os';
import { join } from 'node:path';
import { confluentKafka, readConnection, runKafka, type KafkaConnection } from '@linnet/connectors/kafka';
import { Spill, loadFlow, stateCodec } from '@linnet/connectors/runtime';
import { LinnetError } from '@linnet/core';
import { readAddress, textOf } from '../health/address.ts';
import type { FlowHealth } from '../health/flow-health.ts';
import { EXIT } from '../report.ts';
import { endAnyway } from './end-anyway.ts';
import { KafkaSummary } from './kafka-summary.ts';
import { printer } from './printer.ts';
import { runSeveral } from './run-several.ts';
import type { RunFlowOptions } from './run-flow-file.ts';

export interface RunOnKafkaOptions {
  readonly kafka?: string;
  readonly kafkaConfig?: string;
  readonly app?: string;
  readonly topic: Readonly<Record<string, string>>;
  readonly instances?: number;
  readonly instance?: string;
  readonly state?: string;
  readonly untilEnd?: boolean;
  readonly health?: string;
}

/** Time between two commits where none was asked for: outputs are seen by others after it. */
const COMMIT_MS = 100;
const ONE_PRESS_MS = 500;
/** What the client does when it is closed is over sooner. */
const END_MS = 10_000;

/**
 * Runs a flow as a member of its group on Kafka until it is told to end, or, with --until-end, until the input has ended.
 * @param commitSource where the commit interval comes from, `default` if nobody chose it
 * @param named the connection that the flow names; --kafka-config takes the place of its logins
 * @returns the exit code
 */
export async function runOnKafka(
  path: string,
  options: RunFlowOptions & RunOnKafkaOptions,
  commitSource: string | undefined,
  named?: KafkaConnection,
): Promise<number> {
  refuseOthers(options);
  if (options.instances !== undefined && options.instances > 1) return runSeveral(options.instances);
  const graph = await loadFlow(path, import.meta.url);
  const { kafka: brokers, kafkaConfig } = options;
  const connection =
    named !== undefined && kafkaConfig === undefined ? named : readConnection(brokers as string, kafkaConfig);
  const folder = options.state ?? defaultState();
  const app = options.app ?? graph.name;
  const say = (message: string) => process.stderr.write(`linnet: ${message}\n`);
  const summary = new KafkaSummary();
  const health = await openHealth(options.health);
  let stopped = false;
  let toldAt = 0;
  const stop = () => {
    const now = performance.now();
    // One Ctrl-C comes twice where npm hands it on as well.
    if (stopped && now - toldAt > ONE_PRESS_MS) process.exit(EXIT.interrupted);
    if (!stopped) toldAt = now;
    stopped = true;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  try {
    await runKafka(graph, {
      port: confluentKafka(connection),
      brokers: connection.brokers,
      app,
      topics: options.topic,
      folder,
      commitMs: commitSource === 'default' ? COMMIT_MS : options.commitInterval,
      untilEnd: options.untilEnd === true,
      drop: options.drop,
      codec: stateCodec,
      hot: {
        stateBytes: options.stateMemory,
        keysMax: options.hotKeys,
        open: () => new Spill(folder),
      },
      format: options.output,
      print: printer(process.stdout),
      stopped: () => stopped,
      onTrouble: say,
      onStart: (instance) => {
        summary.instance = instance;
        say(`${instance} runs ${app} over ${connection.brokers}; linnet top shows how it does`);
      },
      ...(options.instance !== undefined && { instance: options.instance }),
      onStatus: (status) => {
        summary.take(status);
        health?.take(status);
      },
    });
    say(summary.text(options.untilEnd === true && !stopped));
  } finally {
    health?.close();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, stop);
    endAnyway(END_MS);
  }
  return stopped ? EXIT.interrupted : EXIT.done;
}

async function openHealth(text: string | undefined): Promise<FlowHealth | undefined> {
  if (text === undefined) return undefined;
  const wanted = readAddress(text);
  const { startFlowHealth } = await import('../health/flow-health.ts');
  const health = await startFlowHealth(wanted);
  process.stderr.write(`linnet: health at http://${textOf(health.address)}/ready\n`);
  return health;
}

function defaultState(): string {
  return join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'linnet', 'kafka');
}

function refuseOthers(options: RunFlowOptions & RunOnKafkaOptions): void {
  const wrong = [
    options.recovery !== undefined &&
      '--recovery (states are in the changelog, a copy of them under --state)',
    options.workers > 1 && '--workers (start more processes: --instances)',
    options.limit !== undefined && '--limit (load less: linnet load --limit)',
    options.reset === true && '--reset (run under another --app)',
    Object.keys(options.rename).length > 0 && '--rename (keep the step’s id, or run under another --app)',
  ].filter((name) => name !== false);
  if (wrong.length > 0) throw new LinnetError('usage', `over Kafka there is no ${wrong.join(', no ')}`);
  if (options.instance !== undefined && (options.instances ?? 1) > 1)
    throw new LinnetError('usage', '--instance names one process; it cannot go with --instances');
  if (options.health !== undefined && (options.instances ?? 1) > 1)
    throw new LinnetError('usage', '--health is of one process; it cannot go with --instances');
}
