import type { Source } from '@linnet/core/engine';
import { jsonTopic } from './json-topic.ts';

export interface KafkaSourceOptions {
  /** Its partitions are the lanes of the flow; records of one key must be in one partition. */
  readonly topic: string;
  /** Where the topic is if `--kafka` does not say it: `host:port`, several with commas. */
  readonly brokers?: string;
}

/**
 * A Kafka topic of JSON values as a source. The flow then runs as a member of a group, exactly once: with `linnet run FLOW
 * --kafka HOST:PORT`, or with `linnet run FLOW` alone where the source names its brokers. A value that is no JSON goes to
 * the dead letters. `T` is what the values are taken to be; nothing checks it.
 */
export function kafka<T = unknown>({ topic, brokers }: KafkaSourceOptions): KafkaSource<T> {
  return { ...(jsonTopic(topic) as Source<T>), ...(brokers !== undefined && { brokers }) };
}

export interface KafkaSource<T> extends Source<T> {
  readonly brokers?: string;
}

/** Brokers that the sources of a flow name; undefined where none does. */
export function brokersOf(sources: Iterable<Source<unknown>>): string | undefined {
  for (const source of sources)
    if (source.kind === 'kafka') {
      const { brokers } = source as KafkaSource<unknown>;
      if (brokers !== undefined) return brokers;
    }
  return undefined;
}
