/**
 * A chunk: readings of one sensor in time order, all channels, compressed together. Layout, little endian:
 * u8 packed, 3 bytes unused, u32 bytes of the body, body (zstd if packed).
 * Body: u32 rows, u32 columns, then for each column u32 channel, u32 bytes, bytes. Channel 0 is time.
 */
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { decodeColumn, encodeColumn } from './column-codec.ts';

/** Readings of one sensor, in order of arrival or of time; a channel that is missing in all of them has no column. */
export interface SensorRows {
  readonly time: Float64Array;
  readonly channels: ReadonlyMap<number, Float64Array>;
}

const TIME = 0;
const HEADER_BYTES = 8;
/** Below it zstd's frame costs more than it saves: a call takes about 15 microseconds whatever the size. */
const PACK_BYTES_MIN = 512;
/** Level 3 is 3 % smaller on a year of PurpleAir and no faster to read. */
const PACK = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function encodeChunk({ time, channels }: SensorRows): Uint8Array {
  const columns: [number, Uint8Array][] = [[TIME, encodeColumn(time)]];
  for (const [channel, values] of channels) {
    const isMissing = Number.isNaN(values[0]) && values.every(Number.isNaN);
    if (!isMissing) columns.push([channel, encodeColumn(values)]);
  }
  const size = columns.reduce((sum, [, bytes]) => sum + 8 + bytes.length, 8);
  const chunk = new Uint8Array(HEADER_BYTES + size);
  const view = new DataView(chunk.buffer);
  view.setUint32(4, size, true);
  view.setUint32(8, time.length, true);
  view.setUint32(12, columns.length, true);
  let at = HEADER_BYTES + 8;
  for (const [channel, bytes] of columns) {
    view.setUint32(at, channel, true);
    view.setUint32(at + 4, bytes.length, true);
    chunk.set(bytes, at + 8);
    at += 8 + bytes.length;
  }
  if (size < PACK_BYTES_MIN) return chunk;
  const packed = zstdCompressSync(chunk.subarray(HEADER_BYTES), PACK);
  const result = new Uint8Array(HEADER_BYTES + packed.length);
  result[0] = 1;
  new DataView(result.buffer).setUint32(4, size, true);
  result.set(packed, HEADER_BYTES);
  return result;
}

/**
 * @param wanted channels to decode, all if not given
 * @throws Error when the bytes are no chunk; the caller has checked the checksum, so this is a defect or a newer format
 */
export function decodeChunk(chunk: Uint8Array, wanted?: ReadonlySet<number>): SensorRows {
  const bodyBytes = new DataView(chunk.buffer, chunk.byteOffset, HEADER_BYTES).getUint32(4, true);
  const stored = chunk.subarray(HEADER_BYTES);
  const body =
    chunk[0] === 1
      ? zstdDecompressSync(stored, { chunkSize: Math.max(64, bodyBytes), maxOutputLength: bodyBytes })
      : stored;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const rows = view.getUint32(0, true);
  let time: Float64Array = new Float64Array(0);
  const channels = new Map<number, Float64Array>();
  let at = 8;
  for (let column = view.getUint32(4, true); column > 0; column--) {
    const channel = view.getUint32(at, true);
    const end = at + 8 + view.getUint32(at + 4, true);
    if (channel === TIME || wanted === undefined || wanted.has(channel)) {
      const values = decodeColumn(body.subarray(at + 8, end), rows);
      if (channel === TIME) time = values;
      else channels.set(channel, values);
    }
    at = end;
  }
  return { time, channels };
}

/** What a stored blob's checksum covers: the row that says where it belongs, and the blob. */
export function checksum(row: readonly number[], blob: Uint8Array): number {
  // SQLite gives back 0 for -0.
  return crc32(blob, crc32(new Uint8Array(Float64Array.from(row, (value) => value + 0).buffer)));
}

const EXTREMES_ROWS_MIN = 256;

/** Least and greatest reading of a channel in a chunk, the earliest of equals. */
export interface Extremes {
  readonly lowTime: number;
  readonly low: number;
  readonly highTime: number;
  readonly high: number;
}

/** Extremes of each channel, so that a long range can be thinned out without opening the chunk; null for a small chunk. */
export function encodeExtremes({ time, channels }: SensorRows): Uint8Array | null {
  if (time.length < EXTREMES_ROWS_MIN) return null;
  const fields: number[] = [];
  for (const [channel, values] of channels) {
    let [low, high] = [-1, -1];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (Number.isNaN(value)) continue;
      if (low < 0 || value < (values[low] as number)) low = i;
      if (high < 0 || value > (values[high] as number)) high = i;
    }
    if (low >= 0) {
      fields.push(channel, time[low] as number, values[low] as number);
      fields.push(time[high] as number, values[high] as number);
    }
  }
  return new Uint8Array(Float64Array.from(fields).buffer);
}

export function decodeExtremes(bytes: Uint8Array, channel: number): Extremes | undefined {
  const fields = new Float64Array(Uint8Array.from(bytes).buffer);
  for (let i = 0; i < fields.length; i += 5) {
    if (fields[i] !== channel) continue;
    const [lowTime, low, highTime, high] = fields.subarray(i + 1, i + 5);
    return { lowTime, low, highTime, high } as Extremes;
  }
  return undefined;
}
