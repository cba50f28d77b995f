/**
 * A flow laid out on Kafka. A lane is partition i of every topic of the flow: one member has all of it, so that a record whose
 * key already lies in the right partition goes from step to step in memory. What must change lane goes through a topic.
 */
import { LinnetError } from '@linnet/core';
import { isSink, isSource, type Graph, type Plan, type Stage } from '@linnet/core/engine';
import { topicOptions, type KafkaTopicOptions } from './kafka-topic.ts';

export interface TopologyOptions {
  /** Names group, transactions and topics. */
  readonly app: string;
  /** Input topic by the source's step id. */
  readonly inputs: ReadonlyMap<string, string>;
  readonly lanes: number;
}

export interface Topology extends TopologyOptions {
  readonly plan: Plan;
  /** Source step id by input topic. */
  readonly sourceOf: ReadonlyMap<string, string>;
  /** Edge by repartition topic, and the topic by edge. */
  readonly edgeOf: ReadonlyMap<string, number>;
  readonly topicOf: ReadonlyMap<number, string>;
  /** Output topic by the sink's step id. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Sinks that are topics of the user's own, by step id: their partitions and settings are the user's matter. */
  readonly given: ReadonlyMap<string, KafkaTopicOptions<unknown>>;
  readonly changelog: string;
  readonly deadLetters: string;
  readonly status: string;
  /** How long an input is waited for, in milliseconds: the least that a step which reads event time says. */
  readonly idleMs: number;
  /** What a member subscribes to; every lane has a partition of each. */
  readonly subscribed: readonly string[];
}

/** Kafka allows these in a topic's name; it names a folder of local state, too, so that it must not begin with dots. */
export const NAME = /^\w[\w.-]{0,119}$/;

/** @throws LinnetError `config.invalid` for a name that Kafka does not take */
export function topologyOf(plan: Plan, options: TopologyOptions): Topology {
  const { app, inputs } = options;
  if (!NAME.test(app))
    throw new LinnetError(
      'config.invalid',
      `--app "${app}": use letters, digits, dots, dashes and underscores, a letter or digit first`,
    );
  const given = givenTopics(plan.graph);
  const sourceOf = new Map([...inputs].map(([step, topic]) => [topic, step]));
  const topicOf = new Map<number, string>();
  for (const edge of plan.edges)
    if (edge.kind === 'key')
      topicOf.set(edge.index, `${app}.${arrival(plan.stages[edge.to] as Stage, edge.index)}.repartition`);
  const topology: Topology = {
    ...options,
    plan,
    sourceOf,
    topicOf,
    edgeOf: new Map([...topicOf].map(([edge, topic]) => [topic, edge])),
    outputs: new Map(sinksOf(plan.graph).map((id) => [id, given.get(id)?.topic ?? `${app}.${id}`])),
    given,
    changelog: `${app}.changelog`,
    deadLetters: `${app}.dead-letter`,
    status: `${app}.status`,
    idleMs: idleOf(plan.graph),
    subscribed: [...sourceOf.keys(), ...topicOf.values()],
  };
  checkNames(topology);
  return topology;
}

/**
 * What the flow keeps in topics of its own must not meet in one. Topics of the user's own may: two sinks can write to the same.
 * @throws LinnetError `config.invalid`
 */
function checkNames({ inputs, topicOf, outputs, given, ...own }: Topology): void {
  const ofUser = [
    ...[...inputs].map(([id, topic]) => [topic, `the input of source "${id}"`] as const),
    ...[...given].map(([id, { topic }]) => [topic, `the output of sink "${id}"`] as const),
  ];
  const ofFlow = [
    ...[...topicOf.values()].map((topic) => [topic, 'records on their way to another lane'] as const),
    [own.changelog, 'the states'] as const,
    [own.deadLetters, 'the dead letters'] as const,
    [own.status, 'what linnet top shows'] as const,
    ...[...outputs]
      .filter(([id]) => !given.has(id))
      .map(([id, topic]) => [topic, `the output of sink "${id}"`] as const),
  ];
  // Kafka refuses a topic whose name differs from another's in a dot for an underscore alone.
  const nameOf = (topic: string) => topic.replaceAll('.', '_');
  const taken = new Map<string, string>(ofUser.map(([topic, what]) => [nameOf(topic), what]));
  for (const [topic, what] of ofFlow) {
    const before = taken.get(nameOf(topic));
    if (before !== undefined)
      throw new LinnetError(
        'config.invalid',
        `topic ${topic} would hold ${before} and ${what}: rename the step or the topic, or use another --app`,
      );
    taken.set(nameOf(topic), what);
  }
}

export function sourcesOf(graph: Graph): string[] {
  return [...graph.steps.values()].filter(isSource).map(({ id }) => id);
}

function sinksOf(graph: Graph): string[] {
  return [...graph.steps.values()].filter(isSink).map(({ id }) => id);
}

function givenTopics(graph: Graph): Map<string, KafkaTopicOptions<unknown>> {
  return new Map(
    [...graph.steps.values()].flatMap((step) => {
      const options = isSink(step) && step.sink.transactional ? topicOptions(step.sink) : undefined;
      return options === undefined ? [] : [[step.id, options] as const];
    }),
  );
}

function idleOf(graph: Graph): number {
  const settings = [...graph.steps.values()].flatMap((step) =>
    step.kind === 'eventTime' ? [step.settings] : [],
  );
  return Math.min(
    Infinity,
    ...settings.map((own) => Number((own as { idleMs?: number } | undefined)?.idleMs ?? Infinity)),
  );
}

/** Where an edge goes: the id of a keyBy; of a join, to which two edges go, with the side. */
function arrival(stage: Stage, edge: number): string {
  const node = stage.nodes.find(({ inputs }) => inputs.some((input) => isEdge(input, edge)));
  if (node === undefined) return String(edge);
  const port = node.inputs.findIndex((input) => isEdge(input, edge));
  return node.inputs.length > 1 ? `${node.step}.${SIDES[port] ?? port}` : node.step;
}

const SIDES: readonly string[] = ['left', 'right'];

function isEdge(input: Stage['nodes'][number]['inputs'][number], edge: number): boolean {
  return typeof input === 'object' && 'edge' in input && input.edge === edge;
}
