import { LinnetError, type Sink } from '@linnet/core';
import { isSink, type AnyStep, type Graph, type Key } from '@linnet/core/engine';
import type { KafkaConnection } from './connection.ts';
import type { OutgoingMessage } from './port.ts';
import { TopicWriter } from './topic-writer.ts';

export interface KafkaTopicOptions<T> extends Partial<KafkaConnection> {
  /** Made when missing, with as many partitions as the flow's input; by a run of one process with 3. */
  readonly topic: string;
  /** Chooses the partition, as Java's producer does. Over Kafka the key of the flow if not given; null: any partition. */
  readonly key?: (record: T) => string | number | null;
  /** Epoch milliseconds. Over Kafka the record's event time if not given. */
  readonly timestamp?: (record: T) => number;
  readonly headers?: (record: T) => Readonly<Record<string, string>>;
}

const KIND = 'kafka-topic';
/** As `linnet load` makes them. */
const PARTITIONS = 3;

export interface KafkaTopicSink<T> extends Sink<T> {
  readonly options: KafkaTopicOptions<T>;
}

/**
 * A topic as a sink: a JSON value a record. In a flow that runs over the same Kafka (no `brokers`, or those of the run) the
 * records are in the transaction of the commit: exactly once for who reads committed records. No transaction reaches over two
 * clusters: to another one, which `brokers` names, records go after their commit, each at least once, in order a lane; the header
 * `linnet-id` is the same when one comes again.
 */
export function kafkaTopic<T>(options: KafkaTopicOptions<T>): KafkaTopicSink<T> {
  return {
    kind: KIND,
    options,
    open({ step }) {
      const { brokers } = options;
      if (brokers === undefined)
        throw new LinnetError(
          'usage',
          `sink "${step}" writes to the topic ${options.topic}: run the flow with --kafka HOST:PORT, or name brokers in kafkaTopic({...})`,
        );
      const writer = new TopicWriter({ ...options, brokers }, PARTITIONS);
      const messages = options as KafkaTopicOptions<unknown>;
      return {
        write: (items) => writer.send(items.map((item) => messageOf(messages, item, null, NaN))),
        close: () => writer.close(),
      };
    },
  };
}

/** The same flow with its topics on the cluster that it runs over in the transactions of its commits. */
export function inTransactions(graph: Graph, brokers: string | undefined): Graph {
  const steps = new Map<string, AnyStep>();
  for (const [id, step] of graph.steps) {
    const own = isSink(step) ? topicOptions(step.sink) : undefined;
    const inside = own !== undefined && (own.brokers === undefined || isSame(own.brokers, brokers));
    steps.set(id, inside && isSink(step) ? { ...step, sink: { ...step.sink, transactional: true } } : step);
  }
  return { name: graph.name, steps };
}

/** A list of brokers names the same cluster in any order; whether two different lists do, only the brokers know. */
function isSame(own: string, brokers: string | undefined): boolean {
  const sorted = (list: string) => list.split(',').toSorted().join();
  return brokers !== undefined && sorted(own) === sorted(brokers);
}

/** Sinks of a flow that are topics of another cluster, by step id. */
export function elsewhere(graph: Graph): Map<string, KafkaTopicOptions<unknown> & KafkaConnection> {
  return new Map(
    [...graph.steps.values()].flatMap((step) => {
      const options = isSink(step) && step.sink.transactional !== true ? topicOptions(step.sink) : undefined;
      const brokers = options?.brokers;
      return brokers === undefined ? [] : [[step.id, { ...options, brokers } as never] as const];
    }),
  );
}

/** Options of a sink that is a topic. */
export function topicOptions(sink: Sink<never>): KafkaTopicOptions<unknown> | undefined {
  return sink.kind === KIND ? (sink as unknown as KafkaTopicSink<unknown>).options : undefined;
}

/** A record as a message of its topic. @param key of the flow; @param time event time, NaN if none */
export function messageOf(
  { topic, key, timestamp, headers }: KafkaTopicOptions<unknown>,
  record: unknown,
  flowKey: Key | null,
  time: number,
): OutgoingMessage {
  const own = key === undefined ? flowKey : key(record);
  const at = timestamp?.(record) ?? time;
  return {
    topic,
    partition: -1,
    key: own === null ? null : String(own),
    value: Buffer.from(JSON.stringify(record ?? null)),
    ...(Number.isFinite(at) && at > 0 && { timestamp: Math.trunc(at) }),
    ...(headers !== undefined && { headers: headers(record) }),
  };
}
