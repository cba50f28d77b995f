import { hostname } from 'node:os';
import { join } from 'node:path';
import { LinnetError } from '@linnet/core';
import {
  OpenSinks,
  checkGraph,
  isSink,
  isSource,
  planStages,
  type AnyStep,
  type Graph,
  type HotKeys,
  type SinkContext,
  type Source,
  type StateCodec,
} from '@linnet/core/engine';
import { DirectoryLock } from '../recovery/index.ts';
import { deliver } from './deliver.ts';
import { jsonTopic } from './json-topic.ts';
import { elsewhere, inTransactions } from './kafka-topic.ts';
import { runMember } from './member.ts';
import type { KafkaPort } from './port.ts';
import type { MemberStatus } from './status.ts';
import { ensureTopics, lanesOf } from './topics.ts';
import { NAME, sourcesOf, topologyOf, type Topology } from './topology.ts';

export interface RunKafkaOptions {
  readonly port: KafkaPort;
  /** Where the port leads to, as sinks would name it. */
  readonly brokers?: string;
  /** Names the group, the transactions and the topics of this flow; another name is another, independent run of it. */
  readonly app: string;
  /** Topic of each source, by its step id; `*` for all that are not named. */
  readonly topics: Readonly<Record<string, string>>;
  /** Name of this member; the first that is free on this machine if not given. */
  readonly instance?: string;
  /** Folder of local state. */
  readonly folder: string;
  readonly commitMs: number;
  readonly untilEnd: boolean;
  readonly drop: readonly string[];
  readonly codec: StateCodec;
  /** What the process keeps in memory of the keys, over all its lanes; everything if not given. `open` makes a file of its own each time. */
  readonly hot?: HotKeys;
  readonly format: SinkContext['format'];
  print(text: string): Promise<void>;
  stopped(): boolean;
  onTrouble(message: string): void;
  /** Told the name under which the member runs, before it joins. */
  onStart?(instance: string): void;
  onStatus?(status: MemberStatus): void;
}

const SLOTS_MAX = 1000;

/** Runs one member of a flow over Kafka. Any number of them share the flow's lanes; the result does not depend on it. */
export async function runKafka(graph: Graph, options: RunKafkaOptions): Promise<void> {
  checkGraph(graph);
  refuseStores(graph);
  const { port, app, format, print } = options;
  const inputs = inputsOf(graph, options.topics);
  const onKafka = inTransactions(readFromTopics(graph, inputs), options.brokers);
  for (const [id, { topic, brokers }] of elsewhere(onKafka))
    options.onTrouble(
      `sink "${id}": topic ${topic} at ${brokers} is not in the transactions of this run: its records go there after their commit, each at least once ` +
        '(header linnet-id tells repeats). If it is the same cluster, leave its brokers out: exactly once',
    );
  const admin = await port.admin();
  let topology: Topology;
  try {
    topology = topologyOf(planStages(onKafka), { app, inputs, lanes: await lanesOf(admin, inputs) });
    await ensureTopics(admin, topology);
  } finally {
    await admin.close();
  }
  const { instance, folder, lock } = takeSlot(options);
  options.onStart?.(instance);
  const sinks = new OpenSinks(onKafka, { format, print, trouble: options.onTrouble }, true);
  let ended = false;
  try {
    const common = { ...options, topology, instance };
    const delivering = deliver({ ...common, sinks, stopped: () => ended });
    // A failure of the delivery must not go unheard while the member still runs.
    delivering.catch((error: unknown) => options.onTrouble((error as Error).message));
    try {
      await runMember({ ...common, folder });
    } catch (error) {
      ended = true;
      await delivering.catch(() => undefined);
      throw error;
    }
    ended = true;
    await delivering;
  } finally {
    await sinks.close();
    lock.release();
  }
}

function inputsOf(graph: Graph, topics: Readonly<Record<string, string>>): Map<string, string> {
  const sources = sourcesOf(graph);
  const unknown = Object.keys(topics).find((id) => id !== '*' && !sources.includes(id));
  if (unknown !== undefined)
    throw new LinnetError(
      'config.unknown',
      `--topic ${unknown}=…: the flow's sources are ${sources.join(', ')}`,
    );
  const inputs = new Map(sources.map((id) => [id, topics[id] ?? topics['*'] ?? topicOf(graph, id) ?? id]));
  if (new Set(inputs.values()).size < inputs.size)
    throw new LinnetError(
      'config.invalid',
      'two sources of the flow cannot read the same topic: name them with --topic SOURCE=TOPIC',
    );
  return inputs;
}

/** A sink that writes into the recovery store of one process has nowhere to write to. */
function refuseStores(graph: Graph): void {
  for (const step of graph.steps.values())
    if (isSink(step) && step.sink.join !== undefined)
      throw new LinnetError(
        'config.invalid',
        `sink "${step.id}" (${step.sink.kind}) writes into the recovery store of a single process, which a run over Kafka has not: ` +
          'use table() or kafkaTopic({...}) there',
      );
}

/** The topic of a source that is one already. */
function topicOf(graph: Graph, id: string): string | undefined {
  const step = graph.steps.get(id);
  return step !== undefined && isSource(step) && step.source.kind === 'kafka' ? step.source.name : undefined;
}

/** The same flow with every source a topic; the checks that a source makes of its records stay. */
function readFromTopics(graph: Graph, inputs: ReadonlyMap<string, string>): Graph {
  const steps = new Map<string, AnyStep>();
  for (const [id, step] of graph.steps) {
    if (!isSource(step)) {
      steps.set(id, step);
      continue;
    }
    const topic = jsonTopic(inputs.get(id) as string);
    const source: Source<unknown> = step.source.over?.(topic) ?? topic;
    steps.set(id, { ...step, source });
  }
  return { name: graph.name, steps };
}

/** A folder and a name that no other member on this machine has; both come back after a restart. */
function takeSlot(options: RunKafkaOptions): { instance: string; folder: string; lock: DirectoryLock } {
  const { app, folder, instance } = options;
  if (instance !== undefined) {
    // It is a folder's name, too.
    if (!NAME.test(instance))
      throw new LinnetError(
        'config.invalid',
        `--instance "${instance}": use letters, digits, dots, dashes and underscores, a letter or digit first`,
      );
    const own = join(folder, app, instance);
    return { instance, folder: own, lock: new DirectoryLock(own) };
  }
  for (let slot = 0; slot < SLOTS_MAX; slot++) {
    const name = `${hostname()}-${slot}`;
    const own = join(folder, app, name);
    try {
      return { instance: name, folder: own, lock: new DirectoryLock(own) };
    } catch (error) {
      if (!(error instanceof LinnetError) || error.code !== 'io.refused') throw error;
    }
  }
  throw new LinnetError('io.refused', `${SLOTS_MAX} members of ${app} run on this machine already`);
}
