/** What the coordinator and the workers of a threaded run say to each other. */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode } from '@linnet/core';
import {
  Batch,
  decodeColumn,
  encodeColumn,
  type BlockInfo,
  type BlockMark,
  type Column,
  type Key,
  type MarkSteps,
  type NumberedBlock,
  type RejectedEntries,
  type ShareColumn,
  type EventTimeProgress,
  type StateEntry,
  type StepCounts,
} from '@linnet/core/engine';
import type { MemoryOptions } from './spill.ts';

/** What every worker of a run begins with. */
export interface CrewStart {
  readonly workers: number;
  /** Whether states are asked for at the end of each epoch. */
  readonly durable: boolean;
  /** Number of the first block that the run will read. */
  readonly firstBlock: number;
  readonly progress: EventTimeProgress;
}

/** Given to a worker thread when it is made. */
export interface ThreadData {
  readonly path: string;
  readonly home: string;
  /** What all workers together keep in memory of the keys; everything if not given. */
  readonly memory?: MemoryOptions;
  readonly compileCache: boolean;
}

/** The first message to a worker. */
export interface ThreadStart {
  readonly type: 'start';
  readonly worker: number;
  readonly start: CrewStart;
  /** By worker, a port to it. */
  readonly ports: readonly (MessagePort | null)[];
}

/** What a coordinator asks of a worker. */
export type WorkOrder =
  | { readonly type: 'restore'; readonly entries: readonly StateEntry[] }
  /** All states are given. */
  | { readonly type: 'begin' }
  | { readonly type: 'block'; readonly block: NumberedBlock }
  /** The block is to be put apart for all workers. */
  | { readonly type: 'divide'; readonly block: NumberedBlock }
  | { readonly type: 'finish' };

export type ToWorker = WorkOrder | ThreadStart;

export type FromWorker =
  | { readonly type: 'epoch'; readonly block: number; readonly entries: readonly StateEntry[] }
  /** Blocks of this source can be divided among all workers by the keys of their entries. */
  | { readonly type: 'share'; readonly source: string; readonly by: ShareColumn }
  | { readonly type: 'portions'; readonly portions: readonly Portion[] }
  | {
      readonly type: 'finished';
      readonly counts: readonly (readonly [string, StepCounts])[];
      readonly rejected: RejectedEntries;
    }
  | {
      readonly type: 'failed';
      readonly code: ErrorCode | null;
      readonly message: string;
      readonly stack: string;
    };

/** What workers say to each other. */
export type FromPeer =
  | { readonly type: 'portions'; readonly portions: readonly Portion[] }
  /** The receiver's part of a block that was divided. */
  | { readonly type: 'part'; readonly block: NumberedBlock };

/** What one worker's part of one block sends along one edge; also when it is empty. */
export interface Portion {
  readonly edge: number;
  readonly info: BlockInfo;
  readonly mark: BlockMark;
  readonly steps?: MarkSteps | undefined;
  readonly batch: WireBatch;
}

export interface WireBatch {
  readonly items: Column;
  readonly keys: Column | null;
  readonly ranks: readonly Int32Array[] | null;
  readonly labels: readonly string[] | null;
  readonly times: Float64Array | null;
  readonly marks: Float64Array | null;
}

/** @param buffers receives what is to be transferred, not copied */
export function toWire(
  { items, keys, ranks, labels, times, marks }: Batch,
  buffers: ArrayBuffer[],
): WireBatch {
  return {
    items: encodeColumn(items, buffers),
    keys: keys && encodeColumn(keys, buffers),
    ranks,
    labels,
    times,
    marks,
  };
}

export function fromWire({ items, keys, ranks, labels, times, marks }: WireBatch): Batch {
  return new Batch(decodeColumn(items), {
    keys: keys && (decodeColumn(keys) as Key[]),
    ranks,
    labels,
    times,
    marks,
  });
}
