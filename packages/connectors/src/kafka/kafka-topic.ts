import { LinnetError, type Sink, type SinkWriter } from '@linnet/core';
import { isSink, type AnyStep, type Graph, type Key } from '@linnet/core/engine';
import type { KafkaConnection } from './connection.ts';
import type { KafkaProducer, OutgoingMessage } from './port.ts';

export interface KafkaTopicOptions<T> extends Partial<KafkaConnection> {
  /** Made when missing, with as many partitions as the flow's input. */
  readonly topic: string;
  /** Chooses the partition, as Java's producer does. The key of the flow if not given; null: any partition. */
  readonly key?: (record: T) => string | number | null;
  /** Epoch milliseconds. The record's event time if not given. */
  readonly timestamp?: (record: T) => number;
  readonly headers?: (record: T) => Readonly<Record<string, string>>;
}

const KIND = 'kafka-topic';

export interface KafkaTopicSink<T> extends Sink<T> {
  readonly options: KafkaTopicOptions<T>;
}

/**
 * A topic as a sink: a JSON value a record. In a flow that runs over the same Kafka (no `brokers`, or those of the run) the
 * records are in the transaction of the commit: exactly once for who reads committed records. Elsewhere they are delivered at
 * least once, and `brokers` says where to.
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
      return new TopicWriter({ ...options, brokers });
    },
  };
}

/** The same flow with its topics on the cluster that it runs over in the transactions of its commits. */
export function inTransactions(graph: Graph, brokers: string | undefined): Graph {
  const steps = new Map<string, AnyStep>();
  for (const [id, step] of graph.steps) {
    const own = isSink(step) ? topicOptions(step.sink) : undefined;
    const inside = own !== undefined && (own.brokers === undefined || own.brokers === brokers);
    steps.set(id, inside && isSink(step) ? { ...step, sink: { ...step.sink, transactional: true } } : step);
  }
  return { name: graph.name, steps };
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

class TopicWriter implements SinkWriter<unknown> {
  private readonly options: KafkaTopicOptions<unknown> & KafkaConnection;
  private producer: Promise<KafkaProducer> | undefined;

  constructor(options: KafkaTopicOptions<never> & KafkaConnection) {
    this.options = options as KafkaTopicOptions<unknown> & KafkaConnection;
  }

  async write(items: readonly unknown[]): Promise<void> {
    this.producer ??= this.connect();
    const producer = await this.producer;
    for (const item of items) {
      const message = messageOf(this.options, item, null, NaN);
      while (!producer.send(message)) await producer.drain();
    }
    await producer.flush();
  }

  async close(): Promise<void> {
    await (await this.producer?.catch(() => undefined))?.close();
  }

  private async connect(): Promise<KafkaProducer> {
    const { brokers, tls, sasl } = this.options;
    const { confluentKafka } = await import('./confluent/index.ts');
    const connection = { brokers, ...(tls !== undefined && { tls }), ...(sasl !== undefined && { sasl }) };
    return confluentKafka(connection).producer();
  }
}
