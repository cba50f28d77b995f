/**
 * A tail: one appended batch as it came, columns one after the other: times, then each channel, as doubles, then the
 * sensors' numbers as 32-bit integers. Cheap to write; the compaction turns tails into chunks.
 */
import { checksum } from './chunk.ts';

export interface Tail {
  readonly rows: number;
  readonly time: Float64Array;
  /** The sensor's number, one a reading. */
  readonly sensor: Int32Array;
  readonly channels: ReadonlyMap<number, Float64Array>;
}

export interface StoredTail {
  readonly rows: number;
  readonly from: number;
  readonly to: number;
  readonly crc: number;
  readonly channels: Uint8Array;
  readonly data: Uint8Array;
}

export function encodeTail({ rows, time, sensor, channels }: Tail, from: number, to: number): StoredTail {
  const doubles = new Float64Array(rows * (1 + channels.size) + Math.ceil(rows / 2));
  doubles.set(time);
  let at = rows;
  for (const values of channels.values()) {
    doubles.set(values, at);
    at += rows;
  }
  new Int32Array(doubles.buffer, at * 8, rows).set(sensor);
  const data = new Uint8Array(doubles.buffer, 0, at * 8 + rows * 4);
  const ids = new Uint8Array(Int32Array.from(channels.keys()).buffer);
  return { rows, from, to, crc: checksum([rows, from, to, ...ids], data), channels: ids, data };
}

/** Nothing when the tail is damaged. */
export function decodeTail(stored: StoredTail): Tail | undefined {
  const { rows, from, to, crc, channels: idBytes, data } = stored;
  if (checksum([rows, from, to, ...idBytes], data) !== crc) return undefined;
  const ids = new Int32Array(Uint8Array.from(idBytes).buffer);
  const { buffer, byteOffset } = data.byteOffset % 8 === 0 ? data : Uint8Array.from(data);
  const column = (index: number) => new Float64Array(buffer, byteOffset + index * rows * 8, rows);
  const channels = new Map<number, Float64Array>();
  ids.forEach((id, index) => channels.set(id, column(index + 1)));
  const sensor = new Int32Array(buffer, byteOffset + (ids.length + 1) * rows * 8, rows);
  return { rows, time: column(0), sensor, channels };
}

/** A tail's row in the database as numbers and bytes. */
export function storedTail(row: Record<string, unknown>): StoredTail {
  return {
    rows: row['rows'] as number,
    from: row['from_time'] as number,
    to: row['to_time'] as number,
    crc: row['crc'] as number,
    channels: row['channels'] as Uint8Array,
    data: row['data'] as Uint8Array,
  };
}

/** Cells of one reading: pairs of channel and value, for the tables of anomalies and last values. */
export function encodeCells(channels: ReadonlyMap<number, Float64Array>, row: number): Uint8Array {
  const cells: number[] = [];
  for (const [channel, values] of channels) {
    const value = values[row] as number;
    if (!Number.isNaN(value)) cells.push(channel, value);
  }
  return new Uint8Array(new Float64Array(cells).buffer);
}

export function decodeCells(bytes: Uint8Array): Map<number, number> {
  const cells = new Float64Array(Uint8Array.from(bytes).buffer);
  const byChannel = new Map<number, number>();
  for (let i = 0; i < cells.length; i += 2) byChannel.set(cells[i] as number, cells[i + 1] as number);
  return byChannel;
}

/** Rows of a tail by sensor. */
export interface BySensor {
  readonly order: Int32Array;
  readonly starts: Int32Array;
}

/** A counting sort: `order` from `starts[id]` to `starts[id + 1]` are the rows of sensor `id`, in order of arrival. */
export function groupBySensor(sensor: Int32Array): BySensor {
  let highest = -1;
  for (let i = 0; i < sensor.length; i++) highest = Math.max(highest, sensor[i] as number);
  const starts = new Int32Array(highest + 2);
  for (let i = 0; i < sensor.length; i++) {
    const next = (sensor[i] as number) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let id = 1; id < starts.length; id++) starts[id] = (starts[id] as number) + (starts[id - 1] as number);
  const next = starts.slice();
  const order = new Int32Array(sensor.length);
  for (let i = 0; i < sensor.length; i++) {
    const id = sensor[i] as number;
    const place = next[id] as number;
    order[place] = i;
    next[id] = place + 1;
  }
  return { order, starts };
}
