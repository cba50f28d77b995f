import type { DatabaseSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core';

/** Version of the store's layout. An older one is brought up to date here; a newer one is refused. */
const VERSION = 1;

const TABLES = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
  -- The steps with state, and what their state depends on.
  CREATE TABLE step (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, settings TEXT NOT NULL) STRICT;
  CREATE TABLE state (step INTEGER NOT NULL, key ANY NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (step, key)) STRICT, WITHOUT ROWID;
  -- Records of sinks that are tables of this store.
  CREATE TABLE output (sink TEXT NOT NULL, number INTEGER NOT NULL, epoch INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (sink, number)) STRICT, WITHOUT ROWID;
  -- Records of other sinks, until those have confirmed them.
  CREATE TABLE outbox (sink TEXT NOT NULL, epoch INTEGER NOT NULL, items BLOB NOT NULL, PRIMARY KEY (sink, epoch)) STRICT, WITHOUT ROWID;
`;

/**
 * Creates the tables where there are none.
 * @throws LinnetError `data.invalid` for a file that is no store, or that a newer release wrote
 */
export function prepareSchema(database: DatabaseSync, path: string): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version === VERSION) return;
  if (version > VERSION) {
    throw new LinnetError(
      'data.invalid',
      `${path} was written by a newer Linnet (layout ${version}, known ${VERSION}); use that one`,
    );
  }
  database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${VERSION}; COMMIT`);
}
