import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { INTEL_LAB_VALUES, readFileBytes, readIntelLab, readTable } from '@linnet/connectors/file';
import { interpolateColumn, LinnetError, SeriesBuilder, type Series } from '@linnet/core';

export interface LoadOptions {
  readonly layout?: 'intel-lab' | 'table';
  readonly resample: number;
  readonly value: (typeof INTEL_LAB_VALUES)[number];
  readonly from?: number;
  readonly to?: number;
  readonly interpolate?: 'linear';
}

const HEAD_BYTES = 65_536;
const RAW_LINE = /^\s*\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d\S*\s+\d+\s+\d+/m;
const INSTANTS_MAX = 50_000_000;

/**
 * A recorded series for a dry run: raw lines of the Intel Lab, plain or gzip, or a table with a column `time`, in which rows may be missing.
 * @throws LinnetError `io.not-found`, `data.invalid` naming the file and the row
 */
export async function loadSeries(path: string, options: LoadOptions): Promise<Series> {
  const raw = options.layout === undefined ? RAW_LINE.test(headOf(path)) : options.layout === 'intel-lab';
  const series = raw ? await rawSeries(path, options) : await tableSeries(path, options);
  if (options.interpolate === 'linear') for (const column of series.columns) interpolateColumn(column);
  return series;
}

/** The beginning of a file as text, decompressed where it is gzip. */
function headOf(path: string): string {
  const head = Buffer.alloc(HEAD_BYTES);
  let length: number;
  try {
    const file = openSync(path, 'r');
    length = readSync(file, head, 0, HEAD_BYTES, 0);
    closeSync(file);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const code = missing ? 'io.not-found' : 'io.failed';
    throw new LinnetError(code, `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  const bytes = head.subarray(0, length);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('latin1');
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
  } catch {
    // What is damaged is told by whoever reads the file.
    return '';
  }
}

async function rawSeries(path: string, { resample, value, from, to }: LoadOptions): Promise<Series> {
  const builder = new SeriesBuilder(resample, {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  });
  const { lines, short, malformed, firstBad } = await readIntelLab([path], value, (mote, time, reading) =>
    builder.add(String(mote), time, reading),
  );
  const bad = firstBad === undefined ? '' : ` (the first at ${firstBad})`;
  process.stderr.write(`linnet: ${lines} lines, ${short} short, ${malformed} malformed${bad}\n`);
  return builder.finish({ dropEmpty: true });
}

async function tableSeries(path: string, { from = -Infinity, to = Infinity }: LoadOptions): Promise<Series> {
  const { columns, rows, skippedNote } = await readTable({ name: path, bytes: readFileBytes(path) });
  if (skippedNote !== undefined) process.stderr.write(`linnet: ${skippedNote}\n`);
  const time = columns.find(({ name }) => name === 'time');
  if (time === undefined) {
    throw new LinnetError(
      'data.invalid',
      `${path} has no column time, and its lines are not the Intel Lab's: see linnet prepare`,
    );
  }
  const sensors = columns.filter((column) => column !== time);
  if (sensors.length === 0) throw new LinnetError('data.invalid', `${path} has no column but time`);
  const values = sensors.map((column) => {
    if (column.kind === 'number') return column.values;
    if (column.values.every((value) => value === null)) return new Float64Array(rows).fill(Number.NaN);
    throw new LinnetError('data.invalid', `${path}: column ${column.name} holds something that is no number`);
  });
  const times = Float64Array.from({ length: rows }, (_, row) => instantOf(time.values[row]));
  const kept = [...times.keys()].filter(
    (row) => !((times[row] as number) < from || (times[row] as number) >= to),
  );
  if (kept.length === 0)
    throw new LinnetError('data.empty', `${path}: no row lies within the limits of time`);
  const names = sensors.map(({ name }) => name);
  return onGrid(path, times, kept, names, values);
}

/** Puts rows where they belong on a grid as fine as the smallest step between two of them. */
function onGrid(
  path: string,
  times: Float64Array,
  kept: readonly number[],
  sensors: readonly string[],
  values: readonly Float64Array[],
): Series {
  const start = times[kept[0] as number] as number;
  let [step, before] = [Infinity, Number.NEGATIVE_INFINITY];
  for (const row of kept) {
    const time = times[row] as number;
    if (Number.isNaN(time)) {
      throw new LinnetError('data.invalid', `${path}, row ${row + 1}: its time cannot be read; ISO 8601 can`);
    }
    if (time <= before) {
      throw new LinnetError('data.invalid', `${path}, row ${row + 1}: its time is not after the row before`);
    }
    if (time - before < step) step = time - before;
    before = time;
  }
  if (step === Infinity) step = 1000;
  const length = Math.round((before - start) / step) + 1;
  if (length > INSTANTS_MAX) {
    throw new LinnetError(
      'data.invalid',
      `${path} spans ${length} instants of ${step} ms: is a time stamp wrong? See linnet prepare`,
    );
  }
  const columns = values.map(() => new Float64Array(length).fill(Number.NaN));
  for (const row of kept) {
    const at = ((times[row] as number) - start) / step;
    if (Math.abs(at - Math.round(at)) > 0.01) {
      throw new LinnetError(
        'data.invalid',
        `${path}, row ${row + 1}: time does not rise in steps of ${step} ms; see linnet prepare`,
      );
    }
    values.forEach((column, j) => {
      (columns[j] as Float64Array)[Math.round(at)] = column[row] as number;
    });
  }
  return { times: Float64Array.from({ length }, (_, i) => start + i * step), sensors, columns };
}

function instantOf(value: unknown): number {
  return typeof value === 'number' ? value : Date.parse(String(value));
}
