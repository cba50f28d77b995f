import { LinnetError } from '@linnet/core';
import type { HistoryBatch } from './history-writer.ts';

/** How a record reads as a reading. */
export interface HistoryColumns<T> {
  /** Whose reading it is. */
  readonly sensor: (item: T) => string | number | null | undefined;
  /** When it was taken, epoch milliseconds. */
  readonly time: (item: T) => number;
  /** What was measured, by name; null, undefined and NaN: missing. */
  readonly metrics?: Readonly<Record<string, (item: T) => number | boolean | null | undefined>>;
  /** What the model said of it; kept as the metric `score`. */
  readonly score?: (item: T) => number | null | undefined;
  /** Whether it is an anomaly; kept as the metric `anomaly`, 0 or 1, and listed by `linnet query --anomalies`. */
  readonly anomaly?: (item: T) => boolean;
}

type Read<T> = (item: T) => number | boolean | null | undefined;

const RESERVED = new Set(['sensor', 'time', 'score', 'anomaly', '']);
/** The furthest that a date can be from 1970, in ms. */
const TIME_MAX = 8.64e15;

/** Records as columns, until they are written. */
export class HistoryBuffer<T> {
  rows = 0;
  private readonly options: HistoryColumns<T>;
  private readonly channels: readonly (readonly [name: string, read: Read<T>])[];
  private readonly indexOf = new Map<string | number, number>();
  private time = new Float64Array(1024);
  private sensor = new Int32Array(1024);
  private columns: Float64Array[];
  private leftOut = 0;
  private told = 0;
  private firstLeftOut = '';

  /** @throws LinnetError `config.invalid` */
  constructor(options: HistoryColumns<T>) {
    this.options = options;
    this.channels = channelsOf(options);
    this.columns = this.channels.map(() => new Float64Array(1024));
  }

  add(items: readonly T[]): void {
    this.reserve(this.rows + items.length);
    const { options, channels, indexOf } = this;
    for (const item of items) {
      const name = options.sensor(item);
      const at = options.time(item);
      if (!isName(name) || !(Math.abs(at) <= TIME_MAX)) {
        if (this.leftOut++ === 0) this.firstLeftOut = JSON.stringify(item)?.slice(0, 200) ?? String(item);
        continue;
      }
      let index = indexOf.get(name);
      if (index === undefined) indexOf.set(name, (index = indexOf.size));
      const { rows } = this;
      this.sensor[rows] = index;
      this.time[rows] = at;
      for (let i = 0; i < channels.length; i++) {
        (this.columns[i] as Float64Array)[rows] = numberOf((channels[i] as (typeof channels)[0])[1](item));
      }
      this.rows++;
    }
  }

  /** What has gathered; valid until the next call of another method. */
  batch(): HistoryBatch {
    const { rows } = this;
    return {
      sensors: [...this.indexOf.keys()],
      sensor: this.sensor.subarray(0, rows),
      time: this.time.subarray(0, rows),
      channels: Object.fromEntries(
        this.channels.map(([name], i) => [name, (this.columns[i] as Float64Array).subarray(0, rows)]),
      ),
    };
  }

  clear(): void {
    this.rows = 0;
    this.indexOf.clear();
  }

  /** Says when records were left out: of the first at once, and whenever they have become ten times as many. */
  tell(trouble: (message: string) => void): void {
    if (this.leftOut === 0 || this.leftOut < this.told * 10) return;
    this.told = this.leftOut;
    const what = this.leftOut === 1 ? 'a record' : `${this.leftOut} records`;
    trouble(
      `the history left out ${what} without a usable sensor or time; the first is ${this.firstLeftOut}`,
    );
  }

  private reserve(rows: number): void {
    if (rows <= this.time.length) return;
    const length = Math.max(rows, this.time.length * 2);
    this.time = grown(this.time, new Float64Array(length));
    this.sensor = grown(this.sensor, new Int32Array(length));
    this.columns = this.columns.map((column) => grown(column, new Float64Array(length)));
  }
}

function channelsOf<T>(options: HistoryColumns<T>): [name: string, read: Read<T>][] {
  const { metrics = {}, score, anomaly } = options;
  const all: [string, Read<T>][] = Object.entries(metrics);
  const bad = all.find(([name]) => RESERVED.has(name));
  if (bad !== undefined) throw invalid(`a metric cannot be named "${bad[0]}"`);
  if (score !== undefined) all.push(['score', score]);
  if (anomaly !== undefined) all.push(['anomaly', anomaly]);
  if (all.length === 0) throw invalid('say what to keep: metrics, score or anomaly');
  const functions = [['sensor', options.sensor], ['time', options.time], ...all] as const;
  for (const [name, read] of functions) {
    if (typeof read !== 'function') throw invalid(`${name} takes a function, not ${typeof read}`);
  }
  return all;
}

function invalid(why: string): LinnetError {
  return new LinnetError('config.invalid', `history: ${why}`);
}

function isName(name: unknown): name is string | number {
  return typeof name === 'string' ? name !== '' : typeof name === 'number' && Number.isFinite(name);
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'boolean' ? Number(value) : Number.NaN;
}

function grown<A extends Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
