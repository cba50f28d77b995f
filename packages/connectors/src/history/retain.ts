import type { DatabaseSync } from 'node:sqlite';
import { ChunkTable, type StoredSpan } from './chunk-table.ts';
import { bumpRevision, horizonOf, setHorizon, transaction } from './meta.ts';
import { sliceRows, upperBound } from './rows.ts';

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
/** A chunk is rewritten without its old readings when they are this share of it: so each is rewritten a few times only. */
const TRIM_SHARE = 0.25;
/** Chunks rewritten in one transaction, for which writers wait. */
const TRIM_AT_ONCE = 256;

/**
 * Gives up old readings, anomalies and last values, by age, by size or both, in transactions of its own.
 *
 * What is given up is seen no more from then on, to the millisecond; on disk it goes when it is a good part of its block.
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
  let trimmed = 0;
  for (let more = result.horizon > -Infinity; more;) {
    const count = transaction(db, () => trim(db, result.horizon));
    trimmed += count;
    more = count === TRIM_AT_ONCE;
  }
  if (result.removed > 0 || trimmed > 0) db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  return result;
}

/** Rewrites chunks of which a good part has been given up; says how many. */
function trim(db: DatabaseSync, horizon: number): number {
  const found = db
    .prepare(
      `SELECT id, sensor, from_time, to_time, rows FROM history_chunk
       WHERE from_time <= ?1 AND ?1 - from_time >= ${TRIM_SHARE} * (to_time - from_time) LIMIT ${TRIM_AT_ONCE}`,
    )
    .all(horizon);
  const chunks = new ChunkTable(db);
  for (const row of found) {
    const [id, sensor] = [row['id'], row['sensor']] as [number, number];
    const rows = chunks.read(row as unknown as StoredSpan);
    // A damaged chunk ends where it should: it must not be found again.
    if (rows === undefined)
      db.prepare('UPDATE history_chunk SET from_time = ?, crc = -1 WHERE id = ?').run(horizon, id);
    else chunks.replace(id, sensor, sliceRows(rows, upperBound(rows.time, horizon), rows.time.length));
  }
  if (found.length > 0) bumpRevision(db);
  return found.length;
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

/**
 * The time up to which readings have to go for the rest to fit. Readings of a block are taken as even in time; what stays
 * is to fit also while the old part of its blocks is still there.
 */
function horizonBySize(db: DatabaseSync, bytesMax: number): number {
  if (historyBytes(db) <= bytesMax) return -Infinity;
  const blocks = db.prepare(
    `SELECT from_time, to_time, bytes FROM history_chunk
     UNION ALL SELECT from_time, to_time, length(data) FROM history_tail`,
  );
  blocks.setReturnArrays(true);
  const [from, to, bytes]: [number[], number[], number[]] = [[], [], []];
  for (const [start, end, size] of blocks.iterate() as Iterable<unknown> as Iterable<
    [number, number, number]
  >) {
    from.push(start);
    to.push(end);
    bytes.push(size + ROW_BYTES);
  }
  const kept = (horizon: number) => {
    let sum = 0;
    for (let i = 0; i < bytes.length; i++) {
      const [start, end] = [from[i] as number, to[i] as number];
      if (end <= horizon) continue;
      const share = start > horizon ? 1 : (end - horizon) / (end - start);
      sum += share * (bytes[i] as number);
    }
    return sum;
  };
  const wanted = bytesMax * (1 - TRIM_SHARE);
  let low = from.reduce((least, time) => Math.min(least, time), Infinity);
  let high = to.reduce((most, time) => Math.max(most, time), -Infinity);
  while (high - low > 1) {
    const middle = (low + high) / 2;
    if (kept(middle) > wanted) low = middle;
    else high = middle;
  }
  return Math.floor(high);
}

/** Event time of the newest reading, epoch ms; -Infinity when there is none. */
export function newestTime(db: DatabaseSync): number {
  const row = db
    .prepare('SELECT max(time) AS newest FROM history_last UNION ALL SELECT max(to_time) FROM history_tail')
    .all();
  return Math.max(...row.map(({ newest }) => (newest as number | null) ?? -Infinity));
}
