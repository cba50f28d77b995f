import { setTimeout as wait } from 'node:timers/promises';
import { LinnetError } from '@linnet/core';
import type { Assignments, KafkaConsumer, KafkaMessage, Polled, Position, TopicPartition } from '../port.ts';
import { KafkaFailure } from '../port.ts';
import { Calls } from './calls.ts';
import { connect } from './connect.ts';
import { eachPartition } from './each-partition.ts';
import { call, failureOf } from './failure.ts';
import type { Library, LibraryError, NativeConsumer, NativeMessage, NativePosition } from './library.ts';

const ASSIGN = -175;
const NO_OFFSET = -1001;
const CALL_MS = 10_000;
const CAUSE_MS = 200;
/** Leaving a group asks the broker, which may be away for a while. */
const LEAVE_MS = 60_000;
/** The code of the broker's answer is not handed on, its text is. */
const HELD = /instance id is still used/i;

/** A consumer of the client library, in a group or outside of one. */
export class ConfluentConsumer implements KafkaConsumer {
  readonly native: NativeConsumer;
  private ends: Position[] = [];
  private rebalancing: Promise<void> = Promise.resolve();
  private failure: unknown;
  private cause: string | undefined;
  private closing = false;
  private readonly calls = new Calls();

  private constructor(
    library: Library,
    settings: Readonly<Record<string, unknown>>,
    assignments?: Assignments,
  ) {
    const all = {
      ...settings,
      'enable.auto.commit': false,
      'enable.partition.eof': true,
      'isolation.level': 'read_committed',
      ...(assignments && {
        rebalance_cb: (error: LibraryError, partitions: NativePosition[]) =>
          this.rebalance(error, partitions, assignments),
      }),
    };
    this.native = new library.KafkaConsumer(all, {});
    this.native.setDefaultIsTimeoutOnlyForFirstMessage(true);
    this.native.on('partition.eof', (end: Position) => this.ends.push(end));
    // A call says no more than that the client has failed for good; what happened is said here.
    this.native.on('event.error', (error: LibraryError) => {
      if (error.message.includes('atal')) this.cause ??= error.message;
    });
  }

  static async open(
    library: Library,
    settings: Readonly<Record<string, unknown>>,
    assignments?: Assignments,
  ): Promise<ConfluentConsumer> {
    const consumer = new ConfluentConsumer(library, settings, assignments);
    await connect(consumer.native, settings['bootstrap.servers']);
    return consumer;
  }

  /** Begins to read; a consumer that cannot is closed. */
  async with(begin: (native: NativeConsumer) => void): Promise<this> {
    try {
      begin(this.native);
      return this;
    } catch (error) {
      await this.close();
      throw failureOf(error as LibraryError, 'read');
    }
  }

  async poll(max: number, waitMs: number): Promise<Polled> {
    await this.rebalancing;
    if (this.failure !== undefined) throw this.failure;
    this.native.setDefaultConsumeTimeout(waitMs);
    const messages = await call<readonly NativeMessage[]>('consume', (done) =>
      this.native.consume(max, done),
    ).catch(async (error: unknown) => {
      if (!(error instanceof KafkaFailure)) throw error;
      // What happened may be said a moment after that it did.
      if (error.kind === 'fatal' && this.cause === undefined) await wait(CAUSE_MS);
      if (this.cause === undefined) throw error;
      throw new KafkaFailure(HELD.test(this.cause) ? 'held' : error.kind, this.cause, error.errorCode);
    });
    await this.rebalancing;
    const { ends } = this;
    this.ends = [];
    return { messages: messages.map(messageOf), ends };
  }

  pause(partitions: readonly TopicPartition[]): void {
    if (partitions.length > 0) this.native.pause(partitions);
  }

  resume(partitions: readonly TopicPartition[]): void {
    if (partitions.length > 0) this.native.resume(partitions);
  }

  seek(position: Position): Promise<void> {
    return this.calls.ask('seek', (done) => this.native.seek(position, CALL_MS, done));
  }

  async committed(partitions: readonly TopicPartition[]): Promise<Position[]> {
    if (partitions.length === 0) return [];
    const found = await eachPartition<NativePosition>('committed', () =>
      this.calls.ask<NativePosition[]>('committed', (done) =>
        this.native.committed(partitions, CALL_MS, done),
      ),
    );
    return found.flatMap(({ topic, partition, offset, metadata }) =>
      offset === undefined || offset === NO_OFFSET || offset < 0
        ? []
        : [{ topic, partition, offset, ...(metadata != null && { metadata }) }],
    );
  }

  commit(positions: readonly Position[]): Promise<void> {
    return call('commit', (done) => this.native.commitCb(positions, done));
  }

  async close(): Promise<void> {
    await this.rebalancing;
    this.closing = true;
    await this.calls.close();
    const left = call('disconnect', (done) => this.native.disconnect(done)).then(
      () => true,
      () => true,
    );
    const tooLong = new AbortController();
    const late = wait(LEAVE_MS, false, { signal: tooLong.signal }).catch(() => true);
    const done = await Promise.race([left, late]);
    tooLong.abort();
    // Its heartbeats go on, and keep its partitions from everybody: whoever watches this process has to start it again.
    if (!done)
      throw new LinnetError(
        'io.failed',
        'the Kafka client does not leave its group; start this process again',
      );
  }

  /** The library waits, its group with it, until partitions are assigned or given up: both after what the runtime does. */
  private rebalance(
    error: LibraryError | undefined,
    partitions: readonly NativePosition[],
    assignments: Assignments,
  ): void {
    const isAssigned = error?.code === ASSIGN;
    const lost = !isAssigned && this.native.assignmentLost();
    this.rebalancing = this.rebalancing.then(async () => {
      try {
        if (isAssigned) {
          this.take(await assignments.assigned(partitions), partitions);
          return;
        }
        await (lost ? assignments.lost(partitions) : assignments.revoked(partitions));
      } catch (cause) {
        this.failure ??= cause;
      }
      this.answer(() => {
        // Taken all the same, though the next poll fails: partitions that were not taken cannot be given back, and leaving the group
        // would wait for that for ever.
        if (isAssigned) this.take([], partitions);
        else if (this.isEager) this.native.unassign();
        else this.native.incrementalUnassign(partitions);
      });
    });
  }

  /** Takes all that was assigned; the runtime resumes partitions when it has what they need. */
  private take(positions: readonly Position[], partitions: readonly NativePosition[]): void {
    const all = partitions.map(
      (own) => positions.find((at) => at.topic === own.topic && at.partition === own.partition) ?? own,
    );
    if (this.isEager) this.native.assign(all);
    else this.native.incrementalAssign(all);
    this.native.pause(all);
  }

  /** A consumer that is being closed says NONE; the library takes either answer then. */
  private get isEager(): boolean {
    return this.native.rebalanceProtocol() === 'EAGER';
  }

  /** Without an answer the library would wait for ever, when the consumer is closed, too. */
  private answer(work: () => void): void {
    try {
      work();
      return;
    } catch (cause) {
      this.failure ??= cause;
    }
    if (!this.closing) return;
    try {
      // A consumer that is being closed takes nothing any more, and still waits.
      this.native.unassign();
    } catch {
      // It has gone meanwhile.
    }
  }
}

function messageOf({
  topic,
  partition,
  offset,
  key,
  value,
  timestamp,
  headers,
}: NativeMessage): KafkaMessage {
  return {
    topic,
    partition,
    offset,
    key: typeof key === 'string' ? Buffer.from(key) : (key ?? null),
    value,
    timestamp: timestamp ?? 0,
    headers: headers === undefined ? NONE : headersOf(headers),
  };
}

const NONE: Readonly<Record<string, Uint8Array>> = Object.freeze({});

function headersOf(list: readonly Readonly<Record<string, Buffer | string>>[]): Record<string, Uint8Array> {
  const headers: Record<string, Uint8Array> = Object.create(null) as Record<string, Uint8Array>;
  for (const header of list)
    for (const [name, value] of Object.entries(header))
      headers[name] = typeof value === 'string' ? Buffer.from(value) : value;
  return headers;
}
