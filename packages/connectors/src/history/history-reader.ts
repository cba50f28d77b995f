import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core';
import { BlockStore, type Block, type Damage } from './block-store.ts';
import type { SensorRows } from './chunk.ts';
import { Downsampler, type Points } from './downsample.ts';
import { historyVersion } from './format.ts';
import { horizonOf, snapshot } from './meta.ts';
import { lowerBound, mergeRows, sliceRows, upperBound } from './rows.ts';
import { unseal } from './seal.ts';
import { decodeCells } from './tail.ts';

export type SensorName = string | number;

export interface Span {
  /** Epoch ms, included. */
  readonly from?: number;
  /** Epoch ms, not included. */
  readonly to?: number;
}

/** Readings of one sensor in time order; missing is NaN. Of equal times the one that came first is first. */
export interface Readings {
  readonly time: Float64Array;
  readonly channels: Readonly<Record<string, Float64Array>>;
}

/** Readings of any sensors. */
export interface Scanned extends Readings {
  /** Whose reading a row is; undefined where it has been given up since. */
  sensorOf(row: number): SensorName | undefined;
}

/** One reading: of the list of anomalies, or the last of a sensor. */
export interface Reading {
  readonly sensor: SensorName;
  readonly time: number;
  /** What is there of the channels. */
  readonly values: Readonly<Record<string, number>>;
}

/**
 * Reads the history while others write to it: each call sees one state of the store.
 *
 * Blocks that are damaged are left out, reported to `onDamage`, and the rest is read.
 */
export class HistoryReader {
  private readonly db: DatabaseSync;
  private readonly blocks: BlockStore;
  private readonly sensorId: StatementSync;
  private readonly onDamage: (damage: Damage) => void;

  /** @throws LinnetError `store.invalid` when the file holds no history that this release can read */
  constructor(db: DatabaseSync, { onDamage }: { onDamage?: (damage: Damage) => void } = {}) {
    if (historyVersion(db) === undefined) {
      throw new LinnetError('store.invalid', `${db.location() ?? 'the store'} holds no history`);
    }
    this.db = db;
    this.onDamage = onDamage ?? (() => {});
    this.blocks = new BlockStore(db, this.onDamage);
    this.sensorId = db.prepare('SELECT id FROM history_sensor WHERE name = ?');
  }

  /** Every sensor that ever had a reading: numbers first, in order, then texts. */
  sensors(): SensorName[] {
    return this.names('history_sensor').toSorted(byName);
  }

  /** Every channel that was ever written, in the order in which they came up. */
  channels(): string[] {
    return this.names('history_channel') as string[];
  }

  /** What there is of each sensor, in order of the sensors; those of which nothing is left are not named. */
  extents(): { sensor: SensorName; readings: number; from: number; to: number }[] {
    return snapshot(this.db, () => {
      const names = this.namesById('history_sensor');
      return [...this.blocks.extents(horizonOf(this.db))]
        .map(([id, { rows, from, to }]) => ({
          sensor: names.get(id) as SensorName,
          readings: rows,
          from,
          to,
        }))
        .toSorted((a, b) => byName(a.sensor, b.sensor));
    });
  }

  /** All readings of one sensor in a span, at once. */
  read(sensor: SensorName, span: Span = {}, channels?: readonly string[]): Readings {
    const parts = [...this.readBlocks(sensor, span, channels)];
    const names = channels ?? this.channels();
    const join = (columns: readonly Float64Array[]) => {
      const joined = new Float64Array(columns.reduce((sum, column) => sum + column.length, 0));
      let at = 0;
      for (const column of columns) {
        joined.set(column, at);
        at += column.length;
      }
      return joined;
    };
    return {
      time: join(parts.map(({ time }) => time)),
      channels: Object.fromEntries(
        names.map((name) => [name, join(parts.map((part) => part.channels[name] as Float64Array))]),
      ),
    };
  }

  /**
   * The readings of one sensor in a span, some thousands at a time, so that a range of any length takes little memory.
   * A store that is written to meanwhile is seen as it was at the first one.
   * @param channels all if not given
   * @throws LinnetError `config.unknown` for a sensor or channel that the store does not know
   */
  *readBlocks(sensor: SensorName, span: Span = {}, channels?: readonly string[]): Generator<Readings> {
    const own = !this.db.isTransaction;
    if (own) this.db.exec('BEGIN');
    try {
      const id = this.idOf(sensor);
      const names = channels ?? this.channels();
      const ids = new Map(names.map((name) => [name, this.channelId(name)]));
      const range = this.range(span);
      const wanted = new Set(ids.values());
      for (const group of overlapping(this.blocks.find(id, range.after, range.to))) {
        const rows = this.within(group, wanted, range);
        if (rows.time.length === 0) continue;
        const column = (channel: number) =>
          rows.channels.get(channel) ?? new Float64Array(rows.time.length).fill(Number.NaN);
        const columns = [...ids].map(([name, channel]) => [name, column(channel)]);
        yield { time: rows.time, channels: Object.fromEntries(columns) };
      }
    } finally {
      if (own) this.db.exec('COMMIT');
    }
  }

  /**
   * Every reading of the store, a block at a time, in no order: for whoever counts or compares them all, where asking sensor by
   * sensor would open each block again and again. It is seen as it was at the first one.
   * @throws LinnetError `config.unknown` for a channel that the store does not know
   */
  *scan(channels: readonly string[]): Generator<Scanned> {
    const own = !this.db.isTransaction;
    if (own) this.db.exec('BEGIN');
    try {
      const names = this.namesById('history_sensor');
      const ids = channels.map((name) => [name, this.channelId(name)] as const);
      const horizon = horizonOf(this.db);
      for (const { sensor, rows } of this.blocks.every(horizon, new Set(ids.map(([, id]) => id)))) {
        const missing = new Float64Array(rows.time.length).fill(Number.NaN);
        const columns = ids.map(([name, id]) => [name, rows.channels.get(id) ?? missing]);
        yield {
          time: rows.time,
          channels: Object.fromEntries(columns),
          sensorOf: (row) =>
            (rows.time[row] as number) > horizon ? names.get(sensor[row] as number) : undefined,
        };
      }
    } finally {
      if (own) this.db.exec('COMMIT');
    }
  }

  /**
   * At most `points` readings of one channel that keep the shape of the series: see Downsampler.
   * @param points at least 4
   */
  downsample(sensor: SensorName, channel: string, points: number, span: Span = {}): Points {
    if (!(points >= 4)) throw new LinnetError('config.invalid', `downsample to ${points} points: at least 4`);
    return snapshot(this.db, () => {
      const id = this.idOf(sensor);
      const wanted = this.channelId(channel);
      const range = this.range(span);
      const blocks = this.blocks.find(id, range.after, range.to);
      if (blocks.length === 0) return { time: new Float64Array(0), value: new Float64Array(0) };
      const inside = blocks.filter(({ from, to }) => from > range.after && to < range.to);
      const first = Math.min(...blocks.map(({ from }) => (from > range.after ? from : range.after)));
      const last = Math.max(...blocks.map(({ to }) => (to < range.to ? to : range.to)));
      const sampler = new Downsampler(points, first, last);
      const many = inside.reduce((sum, { rows }) => sum + rows, 0) > points;
      for (const block of blocks) {
        const extremes = many && inside.includes(block) ? this.blocks.extremes(block, wanted) : undefined;
        if (extremes !== undefined && sampler.addExtremes(block.from, block.to, extremes)) continue;
        const rows = this.within([block], new Set([wanted]), range);
        const values = rows.channels.get(wanted);
        if (values !== undefined) sampler.add(rows.time, values);
      }
      return sampler.result();
    });
  }

  /** Readings with the channel `anomaly` at 1, in time order. */
  anomalies({ sensors, from, to }: Span & { readonly sensors?: readonly SensorName[] } = {}): Reading[] {
    return snapshot(this.db, () => {
      const range = this.range({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
      const bounds = [range.after, range.to] as const;
      const select = 'SELECT sensor, time, cells, id FROM history_anomaly WHERE time > ? AND time < ?';
      const rows =
        sensors === undefined
          ? this.db.prepare(`${select} ORDER BY time, id`).all(...bounds)
          : sensors
              .flatMap((sensor) =>
                this.db.prepare(`${select} AND sensor = ?`).all(...bounds, this.idOf(sensor)),
              )
              .toSorted((a, b) => Number(a['time']) - Number(b['time']) || Number(a['id']) - Number(b['id']));
      return this.readings('anomaly', rows);
    });
  }

  /** The last reading of each sensor by event time, in order of the sensors. */
  last(): Reading[] {
    return snapshot(this.db, () => {
      const rows = new Map<number, { sensor: number; time: number; cells: Uint8Array }>();
      const stored = this.db.prepare('SELECT sensor, time, cells FROM history_last').all();
      for (const row of [...stored, ...this.blocks.lastInTails(horizonOf(this.db))]) {
        const reading = row as { sensor: number; time: number; cells: Uint8Array };
        const before = rows.get(reading.sensor);
        if (before === undefined || reading.time >= before.time) rows.set(reading.sensor, reading);
      }
      return this.readings('last', [...rows.values()]).toSorted((a, b) => byName(a.sensor, b.sensor));
    });
  }

  /** The rows of some blocks within a range, in time order. */
  private within(blocks: readonly Block[], wanted: ReadonlySet<number>, range: Range): SensorRows {
    const parts = blocks.flatMap((block) => this.blocks.load(block, wanted) ?? []);
    if (parts.length === 0) return { time: new Float64Array(0), channels: new Map() };
    const rows = mergeRows(parts);
    return sliceRows(rows, upperBound(rows.time, range.after), lowerBound(rows.time, range.to));
  }

  private range({ from = -Infinity, to = Infinity }: Span): Range {
    // Just before `from`, so that one comparison serves the span and what has been given up.
    const horizon = horizonOf(this.db);
    return { after: Math.max(horizon, from === -Infinity ? from : justBefore(from)), to };
  }

  private readings(kind: 'anomaly' | 'last', rows: readonly Record<string, unknown>[]): Reading[] {
    const channels = this.namesById('history_channel');
    const sensors = this.namesById('history_sensor');
    return rows.flatMap((row) => {
      const [sensor, time, id] = [row['sensor'], row['time'], row['id'] ?? 0] as [number, number, number];
      const cells = unseal([sensor, time], row['cells'] as Uint8Array);
      const name = sensors.get(sensor);
      if (cells === undefined || name === undefined) {
        this.onDamage({ kind, id, from: time, to: time, rows: 1, reason: 'its checksum is wrong' });
        return [];
      }
      const values = [...decodeCells(cells)].map(([channel, value]) => [channels.get(channel), value]);
      return [{ sensor: name, time, values: Object.fromEntries(values) as Record<string, number> }];
    });
  }

  private names(table: string): SensorName[] {
    return [...this.namesById(table).values()];
  }

  private namesById(table: string): Map<number, SensorName> {
    const rows = this.db.prepare(`SELECT id, name FROM ${table} ORDER BY id`).all();
    return new Map(rows.map(({ id, name }) => [id as number, name as SensorName]));
  }

  private idOf(sensor: SensorName): number {
    const id = this.sensorId.get(sensor)?.['id'];
    if (id !== undefined) return id as number;
    throw new LinnetError('config.unknown', `the store has no sensor ${sensor}`);
  }

  private channelId(channel: string): number {
    for (const [id, name] of this.namesById('history_channel')) if (name === channel) return id;
    const known = this.channels().join(', ') || 'none';
    throw new LinnetError('config.unknown', `the store has no metric ${channel}; it has ${known}`);
  }
}

interface Range {
  /** Not included. */
  readonly after: number;
  /** Not included. */
  readonly to: number;
}

/** The next smaller double. */
function justBefore(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0] = (bits[0] as bigint) + (value > 0 ? -1n : 1n);
  return new Float64Array(bits.buffer)[0] as number;
}

/** Blocks in groups that do not overlap in time, each in order of arrival; the groups in time order. */
function overlapping(blocks: readonly Block[]): Block[][] {
  const groups: Block[][] = [];
  let end = -Infinity;
  for (const block of blocks.toSorted((a, b) => a.from - b.from || a.order - b.order)) {
    const group = groups.at(-1);
    if (group !== undefined && block.from <= end) group.push(block);
    else groups.push([block]);
    end = Math.max(end, block.to);
  }
  return groups.map((group) => group.toSorted((a, b) => a.order - b.order));
}

function byName(a: SensorName, b: SensorName): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
