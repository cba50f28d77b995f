import type { Key } from './batch.ts';

/** Where the states of keys go that do not fit into memory. A port; what it holds need not outlive the run. */
export interface ColdStore {
  /** @param touched when the key was last seen, in the terms of the step's expiry; null for a step whose keys do not expire */
  put(step: string, key: Key, bytes: Uint8Array, touched: number | null): void;
  get(step: string, key: Key): Uint8Array<ArrayBuffer> | undefined;
  remove(step: string, key: Key): void;
  /** Removes the states of a step that were touched before `cutoff`, and names their keys. */
  expire(step: string, cutoff: number): readonly Key[];
  close(): void;
}

/** How much one worker keeps in memory of the keys of each keyBy, and where the rest goes. */
export interface HotKeys {
  /** Most keys; without it what `stateBytes` gives room for. */
  readonly keysMax?: number | undefined;
  readonly stateBytes: number;
  /** Called when there is more than fits. */
  open(): ColdStore;
}
