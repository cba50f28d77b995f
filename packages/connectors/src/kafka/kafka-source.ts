import type { Source } from '@linnet/core/engine';
import type { KafkaConnection } from './connection.ts';
import { jsonTopic } from './json-topic.ts';

export interface KafkaSourceOptions extends Partial<KafkaConnection> {
  /** Its partitions are the lanes of the flow; records of one key must be in one partition. */
  readonly topic: string;
}

/**
 * A Kafka topic of JSON values as a source. The flow then runs as a member of a group, exactly once: with `linnet run FLOW
 * --kafka HOST:PORT`, or with `linnet run FLOW` alone where the source names its brokers (and `tls`, `sasl`: names of variables
 * and files, never the secret itself). A value that is no JSON goes to the dead letters. `T` is what the values are taken
 * to be; nothing checks it.
 */
export function kafka<T = unknown>({ topic, ...connection }: KafkaSourceOptions): KafkaSource<T> {
  return { ...(jsonTopic(topic) as Source<T>), connection };
}

export interface KafkaSource<T> extends Source<T> {
  readonly connection: Partial<KafkaConnection>;
}

/** The connection that the sources of a flow name; undefined where none does. */
export function connectionOf(sources: Iterable<Source<unknown>>): KafkaConnection | undefined {
  for (const source of sources)
    if (source.kind === 'kafka') {
      const { connection } = source as KafkaSource<unknown>;
      if (connection.brokers !== undefined) return { ...connection, brokers: connection.brokers };
    }
  return undefined;
}
