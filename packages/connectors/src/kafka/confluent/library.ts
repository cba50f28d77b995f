/**
 * The parts of @confluentinc/kafka-javascript that are used, and where it is found: it is an optional peer, installed by
 * the user or built by `scripts/kafka client`.
 */
import type { EventEmitter } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LinnetError } from '@linnet/core';

export interface LibraryError extends Error {
  readonly code: number;
  readonly isFatal?: boolean;
  readonly isRetriable?: boolean;
  readonly isTxnRequiresAbort?: boolean;
}

type Done<T = void> = (error: LibraryError | null | undefined, value: T) => void;

export interface NativeMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key?: Buffer | string | null;
  readonly value: Buffer | null;
  readonly timestamp?: number;
  readonly headers?: readonly Readonly<Record<string, Buffer | string>>[];
}

export interface NativePosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset?: number;
  readonly metadata?: string | null;
}

export interface NativeClient extends EventEmitter {
  connect(options: object, done: Done<unknown>): void;
  disconnect(done: Done<unknown>): void;
  getMetadata(options: object, done: Done<NativeMetadata>): void;
}

export interface NativeMetadata {
  readonly topics: readonly { readonly name: string; readonly partitions: readonly unknown[] }[];
}

export interface NativeConsumer extends NativeClient {
  setDefaultConsumeTimeout(ms: number): void;
  setDefaultIsTimeoutOnlyForFirstMessage(only: boolean): void;
  subscribe(topics: readonly string[]): void;
  unsubscribe(): void;
  consume(max: number, done: Done<readonly NativeMessage[]>): void;
  assign(positions: readonly NativePosition[]): void;
  unassign(): void;
  incrementalAssign(positions: readonly NativePosition[]): void;
  incrementalUnassign(positions: readonly NativePosition[]): void;
  rebalanceProtocol(): string;
  assignmentLost(): boolean;
  pause(partitions: readonly NativePosition[]): void;
  resume(partitions: readonly NativePosition[]): void;
  seek(position: NativePosition, timeoutMs: number, done: Done): void;
  committed(partitions: readonly NativePosition[], timeoutMs: number, done: Done<NativePosition[]>): void;
  commitCb(positions: readonly NativePosition[], done: Done): void;
}

export interface NativeProducer extends NativeClient {
  setPollInBackground(on: boolean): void;
  setPollInterval(ms: number): void;
  produce(
    topic: string,
    partition: number | null,
    value: Buffer | null,
    key: Buffer | string | null,
    timestamp: number | null,
    opaque: unknown,
    headers: readonly Readonly<Record<string, Buffer | string>>[] | undefined,
  ): unknown;
  flush(timeoutMs: number, done: Done): void;
  initTransactions(timeoutMs: number, done: Done): void;
  beginTransaction(done: Done): void;
  commitTransaction(timeoutMs: number, done: Done): void;
  abortTransaction(timeoutMs: number, done: Done): void;
  sendOffsetsToTransaction(
    positions: readonly NativePosition[],
    consumer: NativeConsumer,
    timeoutMs: number,
    done: Done,
  ): void;
}

export interface NativeAdmin {
  createTopic(topic: object, timeoutMs: number, done: Done): void;
  listOffsets(
    partitions: readonly (NativePosition & { readonly offset: unknown })[],
    options: object,
    done: Done<NativePosition[]>,
  ): void;
  describeTopics(
    topics: readonly string[],
    options: object,
    done: Done<readonly { readonly topicId: unknown }[]>,
  ): void;
  disconnect(): void;
}

export interface Library {
  readonly KafkaConsumer: new (settings: object, topic: object) => NativeConsumer;
  readonly Producer: new (settings: object, topic: object) => NativeProducer;
  readonly AdminClient: {
    createFrom(client: NativeClient): NativeAdmin;
    readonly OffsetSpec: { readonly EARLIEST: unknown; readonly LATEST: unknown };
    readonly IsolationLevel: { readonly READ_UNCOMMITTED: number; readonly READ_COMMITTED: number };
  };
}

const NAME = '@confluentinc/kafka-javascript';

/** @throws LinnetError `io.not-found` with what to do where it is not installed */
export function loadLibrary(): Library {
  const require = createRequire(import.meta.url);
  const tried: string[] = [];
  for (const from of [NAME, ...builtClients()]) {
    try {
      return require(from) as Library;
    } catch (error) {
      tried.push((error as Error).message.split('\n')[0] as string);
    }
  }
  throw new LinnetError(
    'io.not-found',
    `the Kafka client is not installed: npm install ${NAME}, or scripts/kafka client in a checkout (${tried[0]})`,
  );
}

/** Folders of clients that `scripts/kafka client` built for this Node. */
function builtClients(): string[] {
  const named = process.env['LINNET_KAFKA_CLIENT'];
  if (named !== undefined) return [named];
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'linnet', 'kafka');
  if (!existsSync(cache)) return [];
  const abi = `-node${process.versions.modules}-${process.platform}-${process.arch}`;
  return readdirSync(cache)
    .filter((name) => name.startsWith('client-') && name.endsWith(abi))
    .toSorted()
    .map((name) => join(cache, name, 'node_modules', NAME));
}
