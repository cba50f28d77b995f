import type { SensorRows } from './chunk.ts';

/** Rows of several parts in their order, then by time; rows of equal time keep the order of the parts. */
export function mergeRows(parts: readonly SensorRows[]): SensorRows {
  const joined = parts.length === 1 ? (parts[0] as SensorRows) : joinRows(parts);
  return sortRows(joined);
}

/** Rows `start` .. `end - 1`. */
export function sliceRows({ time, channels }: SensorRows, start: number, end: number): SensorRows {
  if (start === 0 && end === time.length) return { time, channels };
  const sliced = new Map<number, Float64Array>();
  for (const [channel, values] of channels) sliced.set(channel, values.subarray(start, end));
  return { time: time.subarray(start, end), channels: sliced };
}

/** Rows at some positions, in the order given. */
export function pickRows({ time, channels }: SensorRows, positions: Int32Array): SensorRows {
  const picked = new Map<number, Float64Array>();
  for (const [channel, values] of channels) picked.set(channel, pick(values, positions));
  return { time: pick(time, positions), channels: picked };
}

/** The first row, of rows in time order, whose time is `at` or later. */
export function lowerBound(time: Float64Array, at: number): number {
  return partition(time, (value) => value < at);
}

/** The first row, of rows in time order, whose time is later than `at`. */
export function upperBound(time: Float64Array, at: number): number {
  return partition(time, (value) => value <= at);
}

function partition(time: Float64Array, before: (value: number) => boolean): number {
  let [low, high] = [0, time.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(time[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Parts one after the other; a channel that a part does not have is missing there. */
export function joinRows(parts: readonly SensorRows[]): SensorRows {
  const rows = parts.reduce((sum, { time }) => sum + time.length, 0);
  const time = new Float64Array(rows);
  const channels = new Map<number, Float64Array>();
  let at = 0;
  for (const part of parts) {
    time.set(part.time, at);
    for (const [channel, values] of part.channels) {
      let column = channels.get(channel);
      if (column === undefined) channels.set(channel, (column = new Float64Array(rows).fill(Number.NaN)));
      column.set(values, at);
    }
    at += part.time.length;
  }
  return { time, channels };
}

function sortRows(rows: SensorRows): SensorRows {
  const { time } = rows;
  let sorted = true;
  for (let i = 1; i < time.length && sorted; i++) sorted = (time[i - 1] as number) <= (time[i] as number);
  if (sorted) return rows;
  const order = Int32Array.from({ length: time.length }, (_, i) => i);
  order.sort((a, b) => (time[a] as number) - (time[b] as number) || a - b);
  return pickRows(rows, order);
}

function pick(from: Float64Array, positions: Int32Array): Float64Array {
  const picked = new Float64Array(positions.length);
  for (let i = 0; i < positions.length; i++) picked[i] = from[positions[i] as number] as number;
  return picked;
}
