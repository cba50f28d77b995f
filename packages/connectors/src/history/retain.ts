import type { DatabaseSync } from 'node:sqlite';
import { bumpRevision, horizonOf, setHorizon, transaction } from './meta.ts';

export interface Retention {
  /** Readings older than this many ms before `now` are given up. */
  readonly ageMs?: number;
  /** The oldest readings are given up until the history holds no more than this. */
  readonly bytesMax?: number;
}

export interface Retained {
  /** Readings at this time (epoch ms) or before it are gone; -Infinity when none has been given up yet. */
  readonly horizon: number;
  /** Blocks of readings (chunks and tails) removed now. */
  readonly removed: number;
}

/** What a row costs in the file beside its blob: the record's header and the index, measured. */
const ROW_BYTES = 72;
/** Pages given back to the file system in one go: 64 MB. */
const VACUUM_PAGES = 8192;

/**
 * Gives up old readings, anomalies and last values, by age, by size or both, in a transaction of its own.
 *
 * What is given up is seen no more from then on, to the millisecond; on disk it goes with the last reading of its block.
 * @param now epoch ms
 */
export function retain(db: DatabaseSync, { ageMs, bytesMax }: Retention, now: number): Retained {
  const result = transaction(db, () => {
    let horizon = horizonOf(db);
    if (ageMs !== undefined) horizon = Math.max(horizon, now - ageMs);
    if (bytesMax !== undefined) horizon = Math.max(horizon, horizonBySize(db, bytesMax));
    if (horizon === -Infinity) return { horizon, removed: 0 };
    let removed = 0;
    for (const table of ['history_chunk', 'history_tail']) {
      removed += Number(db.prepare(`DELETE FROM ${table} WHERE to_time <= ?`).run(horizon).changes);
    }
    for (const table of ['history_anomaly', 'history_last']) {
      db.prepare(`DELETE FROM ${table} WHERE time <= ?`).run(horizon);
    }
    if (horizon > horizonOf(db) || removed > 0) {
      setHorizon(db, horizon);
      bumpRevision(db);
    }
    return { horizon, removed };
  });
  if (result.removed > 0) db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  return result;
}

/** Bytes of readings, anomalies and last values, with what their rows cost in the file. */
export function historyBytes(db: DatabaseSync): number {
  const row = db
    .prepare(
      `SELECT (SELECT coalesce(sum(bytes + ${ROW_BYTES}), 0) FROM history_chunk)
            + (SELECT coalesce(sum(length(data) + ${ROW_BYTES}), 0) FROM history_tail)
            + (SELECT coalesce(sum(length(cells) + ${ROW_BYTES}), 0) FROM history_anomaly)
            + (SELECT coalesce(sum(length(cells) + ${ROW_BYTES}), 0) FROM history_last) AS bytes`,
    )
    .get();
  return row?.['bytes'] as number;
}

/** The end of the youngest block that has to go for the rest to fit. */
function horizonBySize(db: DatabaseSync, bytesMax: number): number {
  let bytes = historyBytes(db);
  let horizon = -Infinity;
  const blocks = db.prepare(
    `SELECT to_time, bytes FROM history_chunk UNION ALL SELECT to_time, length(data) FROM history_tail ORDER BY to_time`,
  );
  for (const block of blocks.iterate()) {
    if (bytes <= bytesMax) break;
    bytes -= (block['bytes'] as number) + ROW_BYTES;
    horizon = block['to_time'] as number;
  }
  return horizon;
}
