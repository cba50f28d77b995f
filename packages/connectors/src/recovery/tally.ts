import type { DatabaseSync } from 'node:sqlite';
import { stateCodec } from '../runtime/index.ts';
import { DamagedRow, blobCrc } from './row-checks.ts';

/** What the tables must hold, kept beside them: rows that vanished, or that an old page brought back, are noticed. */
export interface Tally {
  /** By number of the step: how many states, and the sum of their checksums modulo 2^32. */
  readonly states: Map<number, readonly [rows: number, sum: number]>;
  /** By sink: how many records, and the checksum of the last. */
  readonly outputs: Map<string, readonly [rows: number, crc: number]>;
}

export function emptyTally(): Tally {
  return { states: new Map(), outputs: new Map() };
}

export function copyTally({ states, outputs }: Tally): Tally {
  return { states: new Map(states), outputs: new Map(outputs) };
}

/** Notes that a state was put in place of another, of which the checksum is given where there was one. */
export function tallyState(
  tally: Tally,
  step: number,
  before: number | undefined,
  now: number | undefined,
): void {
  const [rows, sum] = tally.states.get(step) ?? [0, 0];
  const change = (now === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
  tally.states.set(step, [rows + change, (sum - (before ?? 0) + (now ?? 0)) >>> 0]);
}

/** A value of the table `meta`; undefined where there is none. */
export function readMeta(database: DatabaseSync, name: string): unknown {
  const row = database.prepare('SELECT value, crc FROM meta WHERE name = ?').get(name);
  if (row === undefined) return undefined;
  const { value, crc } = row as { value: Uint8Array; crc: number };
  if (blobCrc(name, value) !== crc) throw new DamagedRow(`its ${name}`);
  return stateCodec.decode(value);
}

export function readTally(database: DatabaseSync): Tally {
  return (readMeta(database, 'tally') as Tally | undefined) ?? emptyTally();
}
