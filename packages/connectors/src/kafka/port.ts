/**
 * What Linnet needs of a Kafka client, and no more. The client behind it is the user's choice; `confluentKafka` is the one
 * that the tests run on.
 */
import { LinnetError } from '@linnet/core';

/** The largest message that a flow sends to its own topics: a record, or the state of one key. */
export const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Position extends TopicPartition {
  readonly offset: number;
  /** A short text that is committed with the offset. */
  readonly metadata?: string;
}

export interface KafkaMessage extends Position {
  readonly key: Uint8Array | null;
  /** Null: the key was deleted. */
  readonly value: Uint8Array | null;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, Uint8Array>>;
}

export interface OutgoingMessage extends TopicPartition {
  readonly key: string | Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp?: number;
  readonly headers?: Readonly<Record<string, string | Uint8Array>>;
}

export interface Polled {
  readonly messages: readonly KafkaMessage[];
  /** Partitions whose last readable record has been given. */
  readonly ends: readonly Position[];
}

/** What a member of a group is told. The partitions become its own, or cease to be, when the promise resolves. */
export interface Assignments {
  /** @returns where to begin in each partition; they are paused until `resume` */
  assigned(partitions: readonly TopicPartition[]): Promise<readonly Position[]>;
  /** They go to another member: the last moment to commit what was done with them. */
  revoked(partitions: readonly TopicPartition[]): Promise<void>;
  /** They are another's already: nothing done with them can be committed any more. */
  lost(partitions: readonly TopicPartition[]): Promise<void>;
}

export interface GroupOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** A name that stays: a member that comes back under it within the session timeout keeps its partitions. */
  readonly instance?: string;
  readonly assignments: Assignments;
}

/** Reads records of committed transactions only. */
export interface KafkaConsumer {
  /** At most `max` messages, at once when there are any, else after at most `waitMs`. */
  poll(max: number, waitMs: number): Promise<Polled>;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  seek(position: Position): Promise<void>;
  /** What the group has committed; partitions without a commit are left out. */
  committed(partitions: readonly TopicPartition[]): Promise<Position[]>;
  /** Commits outside of a transaction. */
  commit(positions: readonly Position[]): Promise<void>;
  close(): Promise<void>;
}

/** A producer with one transaction at a time. */
export interface KafkaTransactions {
  begin(): Promise<void>;
  /** Takes a message into the transaction; false when its queue is full: `drain` and give it again. */
  send(message: OutgoingMessage): boolean;
  drain(): Promise<void>;
  /**
   * Commits the messages and the group's positions together. After a failure that says `retry` the outcome is open: the same call
   * again waits for it, and nothing else can be done with the transaction before.
   * @throws KafkaFailure
   */
  commit(positions: readonly Position[], consumer: KafkaConsumer): Promise<void>;
  abort(): Promise<void>;
  close(): Promise<void>;
}

/** A producer without transactions, for loading. */
export interface KafkaProducer {
  send(message: OutgoingMessage): boolean;
  /** Resolves when everything is acknowledged; rejects when something was not. */
  flush(): Promise<void>;
  drain(): Promise<void>;
  close(): Promise<void>;
}

export interface TopicSettings {
  readonly topic: string;
  readonly partitions: number;
  /** Copies of each partition; as many as the broker makes by itself (default.replication.factor) if not given. */
  readonly replication?: number;
  readonly settings: Readonly<Record<string, string>>;
}

export interface KafkaAdmin {
  /** Number of partitions of each topic that exists. */
  partitions(topics: readonly string[]): Promise<Map<string, number>>;
  /** Settings by name that are in force for topics that exist. */
  settings(
    topics: readonly string[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>;
  /** What tells a topic from another of the same name, before or on another cluster; empty for one that is not known. */
  identity(topic: string): Promise<string>;
  /** Makes a topic; one that exists already is left as it is. */
  create(topic: TopicSettings): Promise<void>;
  /** Positions behind the last record: of committed transactions, or of all. */
  ends(partitions: readonly TopicPartition[], isolation: 'committed' | 'all'): Promise<Position[]>;
  /** Positions of the oldest records that are still there. */
  beginnings(partitions: readonly TopicPartition[]): Promise<Position[]>;
  close(): Promise<void>;
}

export interface KafkaPort {
  /** Joins a group. */
  join(options: GroupOptions): Promise<KafkaConsumer>;
  /** Reads partitions outside of any group. */
  read(positions: readonly Position[]): Promise<KafkaConsumer>;
  /** @param id names the instance: a new one under it fences off the one before */
  transactions(id: string, timeoutMs: number): Promise<KafkaTransactions>;
  producer(): Promise<KafkaProducer>;
  admin(): Promise<KafkaAdmin>;
}

/** What a failed call means for who called. */
export class KafkaFailure extends LinnetError {
  /**
   * `abort`: give the transaction up and go on; `fenced`: another has our place; `retry`: later; `held`: the instance's name
   * is still held by an earlier life of it, join again later; `fatal`: end.
   */
  readonly kind: 'abort' | 'fenced' | 'retry' | 'held' | 'fatal';
  readonly errorCode: number;

  constructor(kind: KafkaFailure['kind'], message: string, errorCode = 0) {
    super('io.failed', message, { retryable: kind !== 'fatal' });
    this.name = 'KafkaFailure';
    this.kind = kind;
    this.errorCode = errorCode;
  }
}
