/**
 * Rewrites tails, which are cheap to write, into chunks, which are small and quick to read.
 *
 * Chunks are prepared from a snapshot while others write, then put in place of the tails in one short transaction: after
 * a crash at any point the readings are in the tails or in the chunks, never in both, never in none.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { checksum, decodeChunk, encodeChunk, type SensorRows } from './chunk.ts';
import { bumpRevision, horizonOf, revisionOf, snapshot, transaction } from './meta.ts';
import { sealedExtremes } from './chunk-table.ts';
import { joinRows, mergeRows, pickRows, sliceRows, upperBound } from './rows.ts';
import { seal } from './seal.ts';
import { decodeTail, encodeCells, groupBySensor, storedTail } from './tail.ts';

export interface Compaction {
  /** Readings that went from tails into chunks. */
  readonly rows: number;
  /** Chunks written. */
  readonly chunks: number;
  /** Tails whose checksum is wrong: they stay where they are and are not tried again. */
  readonly damaged: number;
}

/** Readings of a full chunk: a day of a reading a second is 11 chunks, and one is unpacked in 0.1 ms. */
const CHUNK_ROWS_MAX = 8192;
/** A chunk of so many readings is not rewritten any more. */
const CHUNK_ROWS_CLOSED = 4096;
export const DUE_ROWS = 1 << 18;
/** A query opens every tail of its span: of few readings each they would come to be many. */
export const DUE_TAILS = 256;
/** So many readings a sensor make a chunk worth its row in the table. */
const DUE_ROWS_PER_SENSOR = 16;

interface NewChunk {
  readonly sensor: number;
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly extremes: Uint8Array | null;
  readonly data: Uint8Array;
}

interface Plan {
  readonly revision: number;
  readonly tails: readonly number[];
  readonly damaged: readonly number[];
  readonly rows: number;
  readonly chunks: NewChunk[];
  readonly replaced: number[];
  readonly last: { readonly sensor: number; readonly time: number; readonly cells: Uint8Array }[];
}

/** Readings that wait in tails. */
export function backlogRows(db: DatabaseSync): number {
  return backlog(db).rows;
}

/** True when so much waits in tails that a compaction is worth its cost. */
export function compactionDue(db: DatabaseSync): boolean {
  const { rows, tails } = backlog(db);
  return tails >= DUE_TAILS || rows >= dueRows(db);
}

function backlog(db: DatabaseSync): { readonly rows: number; readonly tails: number } {
  const sum = 'SELECT coalesce(sum(rows), 0) AS rows, count(*) AS tails FROM history_tail WHERE damaged = 0';
  return db.prepare(sum).get() as { rows: number; tails: number };
}

function dueRows(db: DatabaseSync): number {
  const sensors = db.prepare('SELECT coalesce(max(id), 0) AS n FROM history_sensor').get()?.['n'] as number;
  return Math.max(DUE_ROWS, sensors * DUE_ROWS_PER_SENSOR);
}

/**
 * Compacts the oldest tails; call it until it has nothing left to do. Must not be called within a transaction.
 * Writers wait only while the finished chunks are stored.
 * @param rowsMax readings to take at a time, which are held in memory at 8 bytes a reading and column; at least one tail
 * is taken. What makes a compaction due is taken if not given, twice over.
 */
export function compact(db: DatabaseSync, rowsMax = 2 * dueRows(db)): Compaction {
  for (;;) {
    const plan = snapshot(db, () => prepare(db, rowsMax));
    if (plan.tails.length === 0 && plan.damaged.length === 0) return { rows: 0, chunks: 0, damaged: 0 };
    const done = transaction(db, () => {
      if (revisionOf(db) !== plan.revision) return false;
      apply(db, plan);
      return true;
    });
    if (done) return { rows: plan.rows, chunks: plan.chunks.length, damaged: plan.damaged.length };
  }
}

function prepare(db: DatabaseSync, rowsMax: number): Plan {
  const { tails, damaged, sensor, rows } = readTails(db, rowsMax);
  const plan: Plan = {
    revision: revisionOf(db),
    tails,
    damaged,
    rows: rows.time.length,
    chunks: [],
    replaced: [],
    last: [],
  };
  const horizon = horizonOf(db);
  const older = new OlderChunks(db);
  const { order, starts } = groupBySensor(sensor);
  for (let id = 0; id + 1 < starts.length; id++) {
    const [start, end] = [starts[id] as number, starts[id + 1] as number];
    if (start === end) continue;
    const parts = older.mergeable(id, end - start, plan.replaced);
    parts.push(pickRows(rows, order.subarray(start, end)));
    const all = mergeRows(parts);
    const alive = sliceRows(all, upperBound(all.time, horizon), all.time.length);
    if (alive.time.length > 0) addChunks(plan, id, alive);
  }
  return plan;
}

function addChunks(plan: Plan, sensor: number, rows: SensorRows): void {
  const count = rows.time.length;
  const pieces = Math.ceil(count / CHUNK_ROWS_MAX);
  for (let piece = 0; piece < pieces; piece++) {
    const start = Math.floor((piece * count) / pieces);
    const end = Math.floor(((piece + 1) * count) / pieces);
    const part = sliceRows(rows, start, end);
    plan.chunks.push({
      sensor,
      from: part.time[0] as number,
      to: part.time[end - start - 1] as number,
      rows: end - start,
      extremes: sealedExtremes(sensor, part),
      data: encodeChunk(part),
    });
  }
  const time = rows.time[count - 1] as number;
  plan.last.push({ sensor, time, cells: seal([sensor, time], encodeCells(rows.channels, count - 1)) });
}

function apply(db: DatabaseSync, plan: Plan): void {
  const remove = db.prepare('DELETE FROM history_chunk WHERE id = ?');
  for (const id of plan.replaced) remove.run(id);
  const insert = db.prepare(
    `INSERT INTO history_chunk(sensor, from_time, to_time, rows, bytes, crc, extremes, data)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const { sensor, from, to, rows, extremes, data } of plan.chunks) {
    const crc = checksum([sensor, from, to, rows], data);
    insert.run(sensor, from, to, rows, data.length + (extremes?.length ?? 0), crc, extremes, data);
  }
  // Of readings at the same time the one that came later counts.
  const last = db.prepare(
    `INSERT INTO history_last VALUES (?, ?, ?) ON CONFLICT(sensor)
     DO UPDATE SET time = excluded.time, cells = excluded.cells WHERE excluded.time >= time`,
  );
  for (const { sensor, time, cells } of plan.last) last.run(sensor, time, cells);
  const done = db.prepare('DELETE FROM history_tail WHERE seq = ?');
  for (const seq of plan.tails) done.run(seq);
  const mark = db.prepare('UPDATE history_tail SET damaged = 1 WHERE seq = ?');
  for (const seq of plan.damaged) mark.run(seq);
  bumpRevision(db);
}

/** The oldest tails joined, up to about `rowsMax` readings, in order of arrival. */
function readTails(db: DatabaseSync, rowsMax: number) {
  const tails: number[] = [];
  const damaged: number[] = [];
  const parts: SensorRows[] = [];
  const sensors: Int32Array[] = [];
  let rows = 0;
  for (const row of db.prepare('SELECT * FROM history_tail WHERE damaged = 0 ORDER BY seq').iterate()) {
    if (rows > 0 && rows + (row['rows'] as number) > rowsMax) break;
    const tail = decodeTail(storedTail(row));
    if (tail === undefined) {
      damaged.push(row['seq'] as number);
      continue;
    }
    rows += tail.rows;
    tails.push(row['seq'] as number);
    parts.push(tail);
    sensors.push(tail.sensor);
  }
  const sensor = new Int32Array(rows);
  let at = 0;
  for (const part of sensors) {
    sensor.set(part, at);
    at += part.length;
  }
  return { tails, damaged, sensor, rows: joinRows(parts) };
}

/**
 * Finds the newest chunks of a sensor that should be rewritten together with new readings. A chunk joins while it is no
 * larger than what has gathered after it, so that sizes grow by doubling and each reading is rewritten a few times only.
 */
class OlderChunks {
  private readonly newest: StatementSync;
  private readonly content: StatementSync;

  constructor(db: DatabaseSync) {
    this.newest = db.prepare(
      'SELECT id, rows, from_time, to_time FROM history_chunk WHERE sensor = ? ORDER BY id DESC LIMIT 16',
    );
    this.content = db.prepare('SELECT crc, data FROM history_chunk WHERE id = ?');
  }

  /** Content of the chunks in order of arrival; their ids are added to `replaced`. */
  mergeable(sensor: number, added: number, replaced: number[]): SensorRows[] {
    const parts: SensorRows[] = [];
    let rows = added;
    for (const chunk of this.newest.all(sensor)) {
      const count = chunk['rows'] as number;
      if (count > rows || count >= CHUNK_ROWS_CLOSED) break;
      const [from, to, id] = [chunk['from_time'], chunk['to_time'], chunk['id']] as [number, number, number];
      const { crc, data } = this.content.get(id) as { crc: number; data: Uint8Array };
      // A damaged chunk stays as it is, for the reader to report.
      if (checksum([sensor, from, to, count], data) !== crc) break;
      parts.unshift(decodeChunk(data));
      replaced.push(id);
      rows += count;
    }
    return parts;
  }
}
