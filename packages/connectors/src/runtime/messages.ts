/** What the coordinator and the workers of a threaded run say to each other. */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode, Payload } from '@linnet/core';
import {
  Batch,
  decodeColumn,
  encodeColumn,
  type Column,
  type RejectedEntries,
  type StepCounts,
} from '@linnet/core/engine';

/** Given to a worker at its start. */
export interface WorkerStart {
  readonly path: string;
  readonly home: string;
  readonly worker: number;
  readonly workers: number;
}

export type ToWorker =
  | { readonly type: 'peers'; readonly ports: readonly (MessagePort | null)[] }
  | DealtBlock
  | { readonly type: 'finish' };

export interface DealtBlock {
  readonly type: 'block';
  readonly block: number;
  readonly source: string;
  readonly first: number;
  readonly payload: Payload;
}

export type FromWorker =
  | { readonly type: 'ready' }
  | Portion
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

/** What one worker's part of one block sends along one edge; also when it is empty. */
export interface Portion {
  readonly type: 'portion';
  readonly edge: number;
  readonly block: number;
  readonly batch: WireBatch;
}

export interface WireBatch {
  readonly items: Column;
  readonly keys: Column | null;
  readonly ranks: readonly Int32Array[] | null;
}

export function toWire(batch: Batch, buffers: ArrayBuffer[]): WireBatch {
  return {
    items: encodeColumn(batch.items, buffers),
    keys: batch.keys === null ? null : encodeColumn(batch.keys, buffers),
    ranks: batch.ranks,
  };
}

export function fromWire({ items, keys, ranks }: WireBatch): Batch {
  const decodedKeys = keys === null ? null : (decodeColumn(keys) as readonly (string | number)[]);
  return new Batch(decodeColumn(items), ranks, decodedKeys);
}
