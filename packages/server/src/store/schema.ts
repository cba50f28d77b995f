import type { DatabaseSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core/base';

/** Version of the ingest's tables. A newer one is refused. */
const VERSION = 1;

const TABLES = `
  CREATE TABLE ingest_meta(name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
  -- What has been received of each incarnation of each device: duplicates are removed by it.
  CREATE TABLE ingest_received(
    id INTEGER PRIMARY KEY, device TEXT NOT NULL, incarnation TEXT NOT NULL, state TEXT, UNIQUE(device, incarnation)) STRICT;
  CREATE TABLE ingest_device(device TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE ingest_sensor(sensor TEXT PRIMARY KEY, device TEXT NOT NULL, region TEXT NOT NULL) STRICT, WITHOUT ROWID;
  -- What readings say beside their numbers: JSON lines [sensor, time, {field: text}], compressed, a row a commit.
  CREATE TABLE ingest_text(id INTEGER PRIMARY KEY, from_time REAL NOT NULL, to_time REAL NOT NULL, data BLOB NOT NULL) STRICT;
  CREATE TABLE ingest_model(
    sensor TEXT NOT NULL, metric TEXT NOT NULL, time REAL NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(sensor, metric)) STRICT, WITHOUT ROWID;
  CREATE TABLE ingest_dead(
    id INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, topic TEXT NOT NULL, received REAL NOT NULL,
    reason TEXT NOT NULL, payload BLOB NOT NULL) STRICT;
  INSERT INTO ingest_meta VALUES ('version', ${VERSION});
`;

/** Of dual prediction: decoders of gateways, and anomalies that they told ahead of the timer, with raw values. */
const DUAL_TABLES = `
  CREATE TABLE IF NOT EXISTS ingest_dual(device TEXT PRIMARY KEY, state BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ingest_dual_alert(
    device TEXT NOT NULL, session INTEGER NOT NULL, sequence INTEGER NOT NULL, time REAL NOT NULL,
    channel TEXT NOT NULL, value REAL NOT NULL, score REAL NOT NULL,
    PRIMARY KEY(device, session, sequence)) STRICT, WITHOUT ROWID;
`;

/**
 * Makes the ingest's tables beside the history's where they are missing.
 * @throws LinnetError `store.invalid` when a newer release wrote them
 */
export function createIngest(db: DatabaseSync): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    const known = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'ingest_meta'").get();
    if (known === undefined) db.exec(TABLES);
    const version = db.prepare("SELECT value FROM ingest_meta WHERE name = 'version'").get()?.['value'];
    if (version !== VERSION) {
      throw new LinnetError(
        'store.invalid',
        `${db.location() ?? 'the store'}: its devices have format version ${String(version)}, this release reads ${VERSION}: use a newer Linnet`,
      );
    }
    db.exec(DUAL_TABLES);
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}
