import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StateEntry } from '@linnet/core/engine';
import { DamagedRow, stateCrc } from './row-checks.ts';
import { tallyState, type Tally } from './tally.ts';

type SqlKey = string | number;
/** Below it the order does not matter: all of it is in the page cache. */
const SORTED_MIN = 256;

type Row = [key: SqlKey, crc: number, bytes: Uint8Array<ArrayBuffer>];

/** The states of all steps by key, each with a checksum of its own. */
export class StateTable {
  private readonly ofStep: StatementSync;
  private readonly update: StatementSync;
  private readonly insert: StatementSync;
  private readonly remove: StatementSync;

  constructor(database: DatabaseSync) {
    this.ofStep = database.prepare('SELECT key, crc, bytes FROM state WHERE step = ?');
    // A restart waits for this: arrays take half the time of objects.
    this.ofStep.setReturnArrays(true);
    this.update = database.prepare(
      'UPDATE state SET bytes = ?3, previous = crc, crc = ?4 WHERE step = ?1 AND key = ?2 RETURNING previous',
    );
    this.update.setReturnArrays(true);
    this.insert = database.prepare('INSERT INTO state (step, key, bytes, crc) VALUES (?, ?, ?, ?)');
    this.remove = database.prepare('DELETE FROM state WHERE step = ? AND key = ? RETURNING crc AS previous');
  }

  /** Puts a state in place of the one before, or removes it; keeps the tally. In the caller's transaction. */
  put(step: number, key: SqlKey, bytes: Uint8Array | null, tally: Tally): void {
    if (bytes === null) {
      const row = this.remove.get(step, key) as { previous: number } | undefined;
      if (row !== undefined) tallyState(tally, step, row.previous, undefined);
      return;
    }
    const crc = stateCrc(step, key, bytes);
    const row = this.update.get(step, key, bytes, crc) as [previous: number] | undefined;
    if (row === undefined) this.insert.run(step, key, bytes, crc);
    tallyState(tally, step, row?.[0], crc);
  }

  /**
   * The states of a step.
   * @throws DamagedRow for one that is not what was written, and at the end where any is missing or out of date
   */
  *entries(step: number, id: string, tally: Tally): Generator<StateEntry> {
    let [rows, sum] = [0, 0];
    for (const [key, crc, bytes] of this.ofStep.iterate(step) as Iterable<unknown> as Iterable<Row>) {
      if (stateCrc(step, key, bytes) !== crc)
        throw new DamagedRow(`the state of step "${id}", key ${JSON.stringify(key)}`);
      rows++;
      sum = (sum + crc) >>> 0;
      yield { step: id, key, bytes };
    }
    const [written, sumWritten] = tally.states.get(step) ?? [0, 0];
    if (rows !== written || sum !== sumWritten)
      throw new DamagedRow(`the set of states of step "${id}" (${rows} keys, written were ${written})`);
  }
}

/** States in the order of the table's pages: each page is then changed once, which halves the time of a large commit. */
export function inKeyOrder(states: readonly StateEntry[]): readonly StateEntry[] {
  return states.length < SORTED_MIN ? states : states.toSorted(byStepAndKey);
}

function byStepAndKey(a: StateEntry, b: StateEntry): number {
  if (a.step !== b.step) return a.step < b.step ? -1 : 1;
  if (typeof a.key === typeof b.key) return a.key < b.key ? -1 : 1;
  return typeof a.key === 'number' ? -1 : 1;
}
