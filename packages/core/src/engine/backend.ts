import type { ReadingStart } from './reading.ts';
import type { StateEntry } from './state-entry.ts';
import type { EventTimeProgress } from './watermark.ts';

/** What a flow needs to go on behind an epoch, but for the states by key. */
export interface Checkpoint extends ReadingStart, EventTimeProgress {
  readonly epoch: number;
}

/** All that becomes durable together, or not at all. */
export interface Epoch {
  readonly checkpoint: Checkpoint;
  readonly states: readonly StateEntry[];
  /** What reached each sink in the epoch, by the sink's step id. */
  readonly outputs: ReadonlyMap<string, readonly unknown[]>;
}

/** Outputs of one epoch for a sink outside of the store, on their way. */
export interface Undelivered {
  readonly sink: string;
  readonly epoch: number;
  readonly items: readonly unknown[];
}

/** Where a flow's epochs are kept. */
export interface Backend {
  /** The last committed epoch; null when there is none. */
  readonly checkpoint: Checkpoint | null;
  /** Every state of the last committed epoch. */
  states(): Iterable<StateEntry>;
  /**
   * Commits an epoch in one transaction.
   * @throws LinnetError `io.failed`, retryable when nothing was written and the same call may succeed later
   */
  commit(epoch: Epoch): void;
  /** What was committed for sinks outside of the store and not yet confirmed, oldest first. */
  undelivered(): Iterable<Undelivered>;
  /** Confirms that a sink has an epoch's outputs. */
  delivered(sink: string, epoch: number): void;
  close(): void | Promise<void>;
}
