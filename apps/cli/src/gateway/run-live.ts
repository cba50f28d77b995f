import { createInterface } from 'node:readline';
import { LinnetError } from '@linnet/core';
import { HEARTBEAT } from '@linnet/core/transmit';
import { gateway, openModel, readModel, type Gateway } from '@linnet/gateway';
import { EXIT } from '../report.ts';
import type { DryRunCommand } from './run-dry.ts';

export interface LiveCommand extends Omit<DryRunCommand, 'dryRun'> {
  readonly up: string;
  readonly id: string;
  readonly data?: string;
  readonly lateness?: number;
  /** A number of deviations, or the file of a model. */
  readonly detect?: number | string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const DEADLINE = 4;
/** After the end of the input the cloud has so long to store what is left. */
const DRAIN_MS = 30_000;

/** `linnet gateway --up`: readings as JSON lines on stdin, messages to the cloud. */
export async function runLive(command: LiveCommand): Promise<number> {
  const stop = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, () => stop.abort());
  const running = await open(command);
  say(`sending to ${command.up} as ${command.id}`);
  const bad = { count: 0, first: '' };
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity, signal: stop.signal });
  let line = 0;
  try {
    for await (const text of lines) {
      line++;
      if (text.trim() === '') continue;
      try {
        running.read(readingOf(text));
      } catch (error) {
        if (!(error instanceof LinnetError) || error.code !== 'data.invalid') throw error;
        if (bad.count++ === 0) say((bad.first = `line ${line}: ${error.message}; it is left out`));
      }
    }
    if (!stop.signal.aborted) return await finish(running, bad.count);
    say('stopped; what is not sent yet stays on disk');
    return EXIT.interrupted;
  } finally {
    await running.close();
  }
}

function open(command: LiveCommand): Promise<Gateway> {
  const { epsilon, resample: everyMs, heartbeat = HEARTBEAT, tolerance = 0, lateness, detect } = command;
  if (epsilon?.kind !== 'named') {
    throw new LinnetError('usage', 'give --epsilon with a number a measure, such as temperature=0.5');
  }
  const [deadline = DEADLINE, ...more] = command.deadline ?? [];
  if (more.length > 0) throw new LinnetError('usage', 'give one --deadline; a list is for --dry-run');
  const model = command.model === undefined ? undefined : openModel(command.model);
  const { predictor = 'auto' } = command;
  if (predictor === 'lstm' && model === undefined) {
    throw new LinnetError('usage', '--predictor lstm needs --model FILE');
  }
  const password = process.env['LINNET_MQTT_PASSWORD'];
  const tls = tlsFiles(command);
  return gateway({
    id: command.id,
    up: command.up,
    epsilons: epsilon.named,
    everyMs,
    deadline,
    heartbeat: Math.max(heartbeat, deadline + 1),
    tolerance,
    predictor: predictor === 'auto' ? 'auto' : { name: predictor, ...(model && { model: model.address }) },
    connection: { ...(password !== undefined && { password }), ...(tls !== undefined && { tls }) },
    onTrouble: say,
    ...(model !== undefined && { models: { find: model.find, models: [model.address] } }),
    ...(command.data !== undefined && { data: command.data }),
    ...(lateness !== undefined && { latenessMs: lateness }),
    ...(detect !== undefined && { detect: typeof detect === 'string' ? readModel(detect) : detect }),
  });
}

function tlsFiles({ ca, cert, key }: LiveCommand): { ca?: string; cert?: string; key?: string } | undefined {
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

function readingOf(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LinnetError('data.invalid', `no JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new LinnetError('data.invalid', 'no object such as {"sensor":"1","time":"…","temperature":21.5}');
}

async function finish(running: Gateway, bad: number): Promise<number> {
  running.flush();
  const all = await running.drained(DRAIN_MS);
  const { readings, messages, late, refused } = running.counts;
  say(
    `${readings} readings, ${messages} messages; ${late} too late, ${refused} too large, ${bad} lines left out` +
      (all ? '' : '; not all is stored by the cloud yet: the rest stays on disk, start again to send it'),
  );
  return all ? EXIT.done : EXIT.failed;
}

function say(text: string): void {
  process.stderr.write(`linnet: ${text}\n`);
}
