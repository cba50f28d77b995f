/** Records that change lane, and the watermarks that go with them, as values of a repartition topic. */
import { deserialize, serialize } from 'node:v8';
import type { Key } from '@linnet/core/engine';

export interface MovedRecord {
  /** Lane that it comes from. */
  readonly from: number;
  readonly key: Key;
  readonly item: unknown;
  /** Event time in epoch milliseconds; NaN where the record has none. */
  readonly time: number;
  /** What the lane's records up to this one let the watermark be. */
  readonly mark: number;
}

/** Goes to every partition, so that a lane from which no record comes holds nothing back. */
export interface Mark {
  readonly from: number;
  readonly mark: number;
  /** The lane's input is silent: until its next mark it holds nothing back. */
  readonly idle: boolean;
  /** No more records will come from the lane. */
  readonly ended: boolean;
}

export type Moved = { readonly record: MovedRecord } | { readonly control: Mark };

export function encodeMoved({ from, key, item, time, mark }: MovedRecord): Uint8Array {
  return serialize([from, key, item, time, mark]);
}

export function encodeMark({ from, mark, idle, ended }: Mark): Uint8Array {
  return serialize([from, mark, idle, ended]);
}

/** @throws Error when the bytes are neither */
export function decodeMoved(bytes: Uint8Array): Moved {
  const value = deserialize(bytes) as unknown;
  if (Array.isArray(value) && value.length === 5) {
    const [from, key, item, time, mark] = value as [number, Key, unknown, number, number];
    return { record: { from, key, item, time, mark } };
  }
  if (Array.isArray(value) && value.length === 4) {
    const [from, mark, idle, ended] = value as [number, number, boolean, boolean];
    return { control: { from, mark, idle, ended } };
  }
  throw new Error('the record was not written by this flow');
}
