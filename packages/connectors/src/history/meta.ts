import type { DatabaseSync } from 'node:sqlite';

/** Runs work in a transaction of its own. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  if (db.isTransaction) throw new Error('invariant broken: this begins and commits by itself');
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Runs reads of one state of the database, whatever others commit meanwhile. */
export function snapshot<T>(db: DatabaseSync, work: () => T): T {
  if (db.isTransaction) return work();
  db.exec('BEGIN');
  try {
    return work();
  } finally {
    db.exec('COMMIT');
  }
}

function read(db: DatabaseSync, name: string): number | undefined {
  return db.prepare('SELECT value FROM history_meta WHERE name = ?').get(name)?.['value'] as
    number | undefined;
}

function write(db: DatabaseSync, name: string, value: number): void {
  db.prepare('INSERT OR REPLACE INTO history_meta VALUES (?, ?)').run(name, value);
}

/** Readings at this time or before it have been given up. */
export function horizonOf(db: DatabaseSync): number {
  return read(db, 'horizon') ?? -Infinity;
}

export function setHorizon(db: DatabaseSync, time: number): void {
  write(db, 'horizon', time);
}

/** Grows with each change of what is already stored, so that work prepared outside of a transaction can see it is out of date. */
export function revisionOf(db: DatabaseSync): number {
  return read(db, 'revision') ?? 0;
}

export function bumpRevision(db: DatabaseSync): void {
  write(db, 'revision', revisionOf(db) + 1);
}
