/**
 * The tables of the history inside a SQLite file, which may hold other tables as well, and the version of their format.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { LinnetError } from '@linnet/core';

/** The newest format that this release reads and the one that it writes. */
export const HISTORY_VERSION = 1;
/** The file of a store that is given as a folder. */
export const STORE_FILE = 'linnet.db';
/** How long a call waits for another process's transaction. */
const BUSY_MS = 10_000;

const TABLES = `
  CREATE TABLE history_meta(name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
  CREATE TABLE history_sensor(id INTEGER PRIMARY KEY, name NOT NULL UNIQUE);
  CREATE TABLE history_channel(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE history_tail(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, rows INTEGER NOT NULL, from_time REAL NOT NULL, to_time REAL NOT NULL,
    crc INTEGER NOT NULL, damaged INTEGER NOT NULL DEFAULT 0, channels BLOB NOT NULL, data BLOB NOT NULL);
  CREATE TABLE history_chunk(
    id INTEGER PRIMARY KEY AUTOINCREMENT, sensor INTEGER NOT NULL, from_time REAL NOT NULL, to_time REAL NOT NULL,
    rows INTEGER NOT NULL, bytes INTEGER NOT NULL, crc INTEGER NOT NULL, extremes BLOB, data BLOB NOT NULL);
  CREATE INDEX history_chunk_by_sensor ON history_chunk(sensor, id, from_time, to_time, rows, bytes);
  CREATE TABLE history_last(sensor INTEGER PRIMARY KEY, time REAL NOT NULL, cells BLOB NOT NULL);
  CREATE TABLE history_anomaly(
    id INTEGER PRIMARY KEY, sensor INTEGER NOT NULL, time REAL NOT NULL, cells BLOB NOT NULL);
  CREATE INDEX history_anomaly_by_time ON history_anomaly(time);
  CREATE INDEX history_anomaly_by_sensor ON history_anomaly(sensor, time);
  INSERT INTO history_meta VALUES ('version', ${HISTORY_VERSION});
`;

/** The path of a store's file: a folder, or a name without an ending where there is no file, means the one in it. */
export function storePath(store: string): string {
  const existing = statSync(store, { throwIfNoEntry: false });
  const isFolder = existing === undefined ? extname(store) === '' : existing.isDirectory();
  return isFolder ? join(store, STORE_FILE) : store;
}

/**
 * Opens a store's file for writing, with what the history needs of SQLite; makes folder, file and tables.
 * Each commit is on disk when it returns (WAL with synchronous=FULL).
 * @throws LinnetError `store.invalid` when it is another kind of file or of a newer format, `io.failed`
 */
export function openStore(store: string): DatabaseSync {
  const path = storePath(store);
  return attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const db = new DatabaseSync(path, { timeout: BUSY_MS });
    try {
      // Batches are large: with SQLite's own 1,000 pages of log and 2 MB of cache each is written more often than it must be.
      db.exec(
        `PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
         PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-16384; PRAGMA journal_size_limit=67108864`,
      );
      createHistory(db);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/**
 * Opens an existing store's file for reading only, also while another process writes.
 * @throws LinnetError `io.not-found`, `store.invalid`, `io.failed`
 */
export function openStoreReadOnly(store: string): DatabaseSync {
  const path = storePath(store);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    throw new LinnetError('io.not-found', `${path}: there is no store`);
  }
  return attempt(path, () => {
    const db = openReadOnly(path);
    try {
      if (historyVersion(db) === undefined) {
        throw new LinnetError(
          'store.invalid',
          `${path} holds no history: give the flow a sink of kind history`,
        );
      }
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Opens a SQLite file in WAL mode for reading; also in a folder that cannot be written to, such as a backup's. */
export function openReadOnly(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  try {
    database.prepare('PRAGMA user_version').get();
    return database;
  } catch (error) {
    database.close();
    // Without a log beside it the file is whole, and nobody writes to it.
    if (existsSync(`${path}-wal`)) throw error;
    return new DatabaseSync(`${pathToFileURL(path).href}?immutable=1`, { readOnly: true });
  }
}

/** Makes the tables of the history where they are missing. Call it outside of a transaction, or commit that one. */
export function createHistory(db: DatabaseSync): void {
  if (historyVersion(db) !== undefined) return;
  const outer = db.isTransaction;
  if (!outer) db.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have made them while this one waited for the lock.
    if (historyVersion(db) === undefined) db.exec(TABLES);
    if (!outer) db.exec('COMMIT');
  } catch (error) {
    if (!outer && db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/**
 * The format of the history in a file; nothing when it holds none.
 * @throws LinnetError `store.invalid` when this release cannot read it
 */
export function historyVersion(db: DatabaseSync): number | undefined {
  const known = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'history_meta'").get();
  if (known === undefined) return undefined;
  const version = db.prepare("SELECT value FROM history_meta WHERE name = 'version'").get()?.['value'];
  if (typeof version === 'number' && version >= 1 && version <= HISTORY_VERSION) return version;
  const where = db.location() ?? 'the store';
  throw new LinnetError(
    'store.invalid',
    `${where}: its history has format version ${String(version)}, this release reads up to ${HISTORY_VERSION}: use a newer Linnet`,
  );
}

/** SQLite's errors in our words. */
function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof LinnetError) throw cause;
    const { message, errcode } = cause as Error & { errcode?: number };
    // SQLITE_CORRUPT and SQLITE_NOTADB
    if (errcode === 11 || errcode === 26) {
      throw new LinnetError('store.invalid', `${path} is no store or is damaged: ${message}`, { cause });
    }
    throw new LinnetError('io.failed', `cannot open the store ${path}: ${message}`, { cause });
  }
}
