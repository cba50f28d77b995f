import type { DatabaseSync } from 'node:sqlite';
import type { Graph } from '@linnet/core';
import { stateCodec } from '../runtime/index.ts';
import { matchSteps, statefulSteps, type ChangeOptions, type StoredStep } from './flow-changes.ts';
import { blobCrc } from './row-checks.ts';
import type { Tally } from './tally.ts';

/** No step's id begins so. */
const BETWEEN = ' ';

/**
 * Gives the stored states to the steps of this flow. In the caller's transaction.
 * @param tally is told of states that are given up
 * @returns the number of each step
 * @throws LinnetError `flow.changed`
 */
export function adoptSteps(
  database: DatabaseSync,
  graph: Graph,
  options: ChangeOptions,
  tally: Tally,
  ends: readonly string[],
): Map<string, number> {
  const stored = database.prepare('SELECT id, kind, settings FROM step').all() as unknown as StoredStep[];
  const matched = matchSteps(graph, stored, options, ends);
  for (const [id, successor] of matched) {
    if (successor === undefined) giveUp(database, id, tally);
    else if (successor !== id)
      database.prepare('UPDATE step SET id = ? WHERE id = ?').run(`${BETWEEN}${id}`, id);
  }
  // In two goes, so that two steps can change names.
  for (const [id, successor] of matched)
    if (successor !== undefined && successor !== id)
      database.prepare('UPDATE step SET id = ? WHERE id = ?').run(successor, `${BETWEEN}${id}`);
  const add = database.prepare(
    'INSERT INTO step (id, kind, settings) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  for (const { id, kind, settings } of statefulSteps(graph)) add.run(id, kind, settings);
  const rows = database.prepare('SELECT id, number FROM step').all() as { id: string; number: number }[];
  return new Map(rows.map(({ id, number }) => [id, number]));
}

function giveUp(database: DatabaseSync, id: string, tally: Tally): void {
  const { number } = database.prepare('SELECT number FROM step WHERE id = ?').get(id) as { number: number };
  database.prepare('DELETE FROM state WHERE step = ?').run(number);
  database.prepare('DELETE FROM step WHERE number = ?').run(number);
  tally.states.delete(number);
  const bytes = stateCodec.encode(tally);
  database
    .prepare('INSERT OR REPLACE INTO meta (name, value, crc) VALUES (?, ?, ?)')
    .run('tally', bytes, blobCrc('tally', bytes));
}
