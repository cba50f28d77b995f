import type { DatabaseSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core';

/** Version of the store's layout. */
const VERSION = 2;

const TABLES = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL, crc INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  -- The steps with state, and what their state depends on.
  CREATE TABLE step (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, settings TEXT NOT NULL) STRICT;
  -- previous: the checksum that a state had before, by which the tally is kept up to date in one statement.
  CREATE TABLE state (step INTEGER NOT NULL, key ANY NOT NULL, crc INTEGER NOT NULL, previous INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (step, key)) STRICT, WITHOUT ROWID;
  -- Records of sinks that are tables of this store; each checksum covers the records before it too.
  CREATE TABLE output (sink TEXT NOT NULL, number INTEGER NOT NULL, epoch INTEGER NOT NULL, crc INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (sink, number)) STRICT, WITHOUT ROWID;
  -- Records of other sinks, until those have confirmed them.
  CREATE TABLE outbox (sink TEXT NOT NULL, epoch INTEGER NOT NULL, crc INTEGER NOT NULL, items BLOB NOT NULL, PRIMARY KEY (sink, epoch)) STRICT, WITHOUT ROWID;
`;

/** Creates the tables where there are none; says whether it did. */
export function createSchema(database: DatabaseSync): boolean {
  if (versionOf(database) > 0) return false;
  database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${VERSION}; COMMIT`);
  return true;
}

/** @throws LinnetError `data.invalid` for a store whose layout this release does not know */
export function checkSchema(database: DatabaseSync, path: string): void {
  const version = versionOf(database);
  if (version === VERSION) return;
  if (version === 0) {
    throw new LinnetError(
      'data.invalid',
      `${path} is damaged (it is empty): restore it from a backup, or begin anew with --reset`,
    );
  }
  const [whose, advice] =
    version > VERSION ? ['a newer Linnet', 'use that one'] : ['an older Linnet', 'begin anew with --reset'];
  throw new LinnetError(
    'data.invalid',
    `${path} was written by ${whose} (layout ${version}, known is ${VERSION}); ${advice}`,
  );
}

function versionOf(database: DatabaseSync): number {
  return (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
}
