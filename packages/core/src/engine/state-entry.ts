import type { Key } from './batch.ts';

/** A key's state in one step; null bytes: nothing is left to keep. */
export interface StateEntry {
  readonly step: string;
  readonly key: Key;
  readonly bytes: Uint8Array<ArrayBuffer> | null;
}
