import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { checksum, decodeChunk, decodeExtremes, type Extremes, type SensorRows } from './chunk.ts';
import { pickRows, upperBound } from './rows.ts';
import { seal, unseal } from './seal.ts';
import { decodeTail, encodeCells, groupBySensor, storedTail, type BySensor, type Tail } from './tail.ts';

/** Where readings of one sensor are: a chunk, or the rows of it in a tail. */
export interface Block {
  readonly kind: 'chunk' | 'tail';
  readonly id: number;
  readonly sensor: number;
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Order of arrival among the blocks of a sensor. */
  readonly order: number;
  readonly tail?: Tail;
}

/** A block that cannot be read. */
export interface Damage {
  readonly kind: 'chunk' | 'tail' | 'anomaly' | 'last';
  readonly id: number;
  /** Span of the readings that are lost, epoch ms. */
  readonly from: number;
  readonly to: number;
  /** How many there are; in a tail of all sensors together. */
  readonly rows: number;
  readonly reason: string;
}

/** Readings of one sensor together. */
export interface Extent {
  readonly rows: number;
  readonly from: number;
  readonly to: number;
}

interface OpenTail extends BySensor {
  readonly id: number;
  readonly tail: Tail;
}

/** Enough for all that wait for compaction. */
const TAILS_OPEN_MAX = 512;

/** Finds and opens the blocks of a sensor; what is damaged is reported and left out. */
export class BlockStore {
  private readonly chunks: StatementSync;
  private readonly tails: StatementSync;
  private readonly chunkData: StatementSync;
  private readonly chunkExtremes: StatementSync;
  private readonly tailData: StatementSync;
  private readonly allChunks: StatementSync;
  private readonly onDamage: (damage: Damage) => void;
  private readonly opened = new Map<number, OpenTail>();

  constructor(db: DatabaseSync, onDamage: (damage: Damage) => void) {
    this.onDamage = onDamage;
    this.chunks = db.prepare(
      `SELECT id, from_time, to_time, rows FROM history_chunk
       WHERE sensor = ? AND to_time > ? AND from_time < ? ORDER BY id`,
    );
    this.tails = db.prepare(
      'SELECT seq, rows, from_time, to_time FROM history_tail WHERE to_time > ? AND from_time < ? ORDER BY seq',
    );
    this.chunkData = db.prepare('SELECT crc, data FROM history_chunk WHERE id = ?');
    this.chunkExtremes = db.prepare('SELECT extremes FROM history_chunk WHERE id = ?');
    this.allChunks = db.prepare(
      'SELECT id, sensor, from_time, to_time, rows FROM history_chunk WHERE to_time > ?',
    );
    this.tailData = db.prepare('SELECT * FROM history_tail WHERE seq = ?');
  }

  /** Blocks with readings of a sensor later than `after` and earlier than `to`, in order of arrival. */
  find(sensor: number, after: number, to: number): Block[] {
    const blocks: Block[] = this.chunks.all(sensor, after, to).map((row, order) => ({
      kind: 'chunk',
      id: row['id'] as number,
      sensor,
      from: row['from_time'] as number,
      to: row['to_time'] as number,
      rows: row['rows'] as number,
      order,
    }));
    for (const row of this.openTails(after, to)) {
      const { tail, order, starts } = row;
      const own = order.subarray(starts[sensor] ?? 0, starts[sensor + 1] ?? starts[sensor] ?? 0);
      if (own.length === 0) continue;
      const part = pickRows(tail, own);
      blocks.push({
        kind: 'tail',
        id: row.id,
        sensor,
        from: part.time.reduce((least, time) => Math.min(least, time), Infinity),
        to: part.time.reduce((most, time) => Math.max(most, time), -Infinity),
        rows: own.length,
        order: blocks.length,
        tail: { rows: own.length, sensor: own, ...part },
      });
    }
    return blocks;
  }

  /** Readings of a block in their stored order; nothing when it is damaged. */
  load(block: Block, wanted: ReadonlySet<number>): SensorRows | undefined {
    if (block.tail !== undefined) return block.tail;
    const { id, sensor, from, to, rows } = block;
    return this.attempt({ kind: 'chunk', id, from, to, rows }, () => {
      const { crc, data } = this.chunkData.get(id) as { crc: number; data: Uint8Array };
      if (checksum([sensor, from, to, rows], data) !== crc) throw new Error('its checksum is wrong');
      return decodeChunk(data, wanted);
    });
  }

  /** Extremes of a channel in a block, where they are known without opening it. */
  extremes(block: Block, channel: number): Extremes | undefined {
    if (block.kind === 'tail') return undefined;
    const stored = this.chunkExtremes.get(block.id)?.['extremes'];
    // Damaged ones are as good as none: the block itself is read then.
    const bytes = stored instanceof Uint8Array ? unseal(extent(block), stored) : undefined;
    return bytes === undefined ? undefined : decodeExtremes(bytes, channel);
  }

  /** The last reading of each sensor that still waits in a tail. */
  lastInTails(after: number): { sensor: number; time: number; cells: Uint8Array }[] {
    const found = new Map<number, { time: number; tail: Tail; row: number }>();
    for (const stored of this.tails.all(after, Infinity)) {
      const tail = this.openTail(stored);
      if (tail === undefined) continue;
      for (let row = 0; row < tail.rows; row++) {
        const time = tail.time[row] as number;
        const before = found.get(tail.sensor[row] as number);
        if (time <= after || (before !== undefined && time < before.time)) continue;
        found.set(tail.sensor[row] as number, { time, tail, row });
      }
    }
    return [...found].map(([sensor, { time, tail, row }]) => ({
      sensor,
      time,
      cells: seal([sensor, time], encodeCells(tail.channels, row)),
    }));
  }

  /** How many readings of each sensor are later than a time, and their span. */
  extents(after: number): Map<number, Extent> {
    const found = new Map<number, Extent>();
    const add = (sensor: number, rows: number, from: number, to: number) => {
      const before = found.get(sensor) ?? { rows: 0, from: Infinity, to: -Infinity };
      found.set(sensor, {
        rows: before.rows + rows,
        from: Math.min(before.from, from),
        to: Math.max(before.to, to),
      });
    };
    for (const row of this.allChunks.iterate(after)) {
      const [id, sensor, from, to, rows] = Object.values(row) as [number, number, number, number, number];
      if (from > after) {
        add(sensor, rows, from, to);
        continue;
      }
      const { time } = this.load({ kind: 'chunk', id, sensor, from, to, rows, order: 0 }, new Set()) ?? {};
      const start = time === undefined ? 0 : upperBound(time, after);
      if (time !== undefined) add(sensor, time.length - start, time[start] as number, to);
    }
    for (const { tail } of this.openTails(after, Infinity)) {
      for (let i = 0; i < tail.rows; i++) {
        const time = tail.time[i] as number;
        if (time > after) add(tail.sensor[i] as number, 1, time, time);
      }
    }
    return found;
  }

  /** Every block with readings later than `after`, chunks before tails, with the sensor's number of each reading. */
  *every(after: number, wanted: ReadonlySet<number>): Generator<{ sensor: Int32Array; rows: SensorRows }> {
    for (const row of this.allChunks.all(after)) {
      const [id, sensor, from, to, rows] = Object.values(row) as [number, number, number, number, number];
      const loaded = this.load({ kind: 'chunk', id, sensor, from, to, rows, order: 0 }, wanted);
      if (loaded !== undefined) yield { sensor: new Int32Array(rows).fill(sensor), rows: loaded };
    }
    for (const row of this.tails.all(after, Infinity)) {
      const tail = this.openTail(row);
      if (tail !== undefined) yield { sensor: tail.sensor, rows: tail };
    }
  }

  /** Tails that reach into a span, in order of arrival; those of the call before are not read again. */
  private *openTails(after: number, to: number): Generator<OpenTail> {
    const rows = this.tails.all(after, to);
    const wanted = new Set(rows.map((row) => row['seq'] as number));
    for (const id of this.opened.keys()) if (!wanted.has(id)) this.opened.delete(id);
    for (const row of rows) {
      const id = row['seq'] as number;
      const known = this.opened.get(id);
      if (known !== undefined) yield known;
      if (known !== undefined) continue;
      const tail = this.openTail(row);
      if (tail === undefined) continue;
      const open = { id, tail, ...groupBySensor(tail.sensor) };
      if (this.opened.size < TAILS_OPEN_MAX) this.opened.set(id, open);
      yield open;
    }
  }

  private openTail(row: Record<string, unknown>): Tail | undefined {
    const [id, from, to, rows] = [row['seq'], row['from_time'], row['to_time'], row['rows']] as number[] as [
      number,
      number,
      number,
      number,
    ];
    return this.attempt({ kind: 'tail', id, from, to, rows }, () => {
      const tail = decodeTail(storedTail(this.tailData.get(id) as Record<string, unknown>));
      if (tail === undefined) throw new Error('its checksum is wrong');
      return tail;
    });
  }

  private attempt<T>(what: Omit<Damage, 'reason'>, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.onDamage({ ...what, reason: (error as Error).message });
      return undefined;
    }
  }
}

function extent({ sensor, from, to, rows }: Block): number[] {
  return [sensor, from, to, rows];
}
