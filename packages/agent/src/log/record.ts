/**
 * The log's format on disk, as pure functions over bytes.
 *
 *     0xFF 0xA7 | crc32 u32 | length u24 | body        CRC over length and body
 *     body: 1 reading: sequence, step, at, mono, mark [score], payload     2 acked: count, (first - last before, length)*
 *
 * 0xFF stands in no UTF-8, so a payload never looks like the beginning of a record: after damage the reader finds the next
 * record by the marker, and one damaged byte costs one record. `step` is the distance to the record before it in the segment, so that
 * what is missing between two good records is counted, not guessed.
 */
import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, PAYLOAD_BYTES_MAX, type FrameRecord, type Run } from '@linnet/core/wire';

const MARKER = [0xff, 0xa7] as const;
const CRC_AT = 2;
const LENGTH_AT = 6;
const BODY_AT = 9;
const BODY_BYTES_MAX = PAYLOAD_BYTES_MAX + 64;
const KIND = { reading: 1, acked: 2 } as const;
const MARK_SCORED = 1;
/** Runs in one acknowledgement record: more are kept in memory only, and sent again after a restart. */
export const ACKED_RUNS_MAX = 256;

export type Entry =
  | { readonly kind: 'reading'; readonly step: number; readonly record: FrameRecord }
  | { readonly kind: 'acked'; readonly runs: readonly Run[] };

/** @param before sequence of the reading before it in the segment, or the segment's first sequence minus 1 */
export function encodeReading(record: FrameRecord, before: number): Uint8Array {
  const out = start(record.payload.length + 48).u8(KIND.reading);
  out.varint(record.sequence).varint(record.sequence - before);
  out.signed(record.at).varint(record.mono);
  if (record.score === undefined) out.u8(0);
  else out.u8(MARK_SCORED).f64(record.score);
  return close(out.raw(record.payload));
}

export function encodeAcked(runs: readonly Run[]): Uint8Array {
  const kept = runs.slice(0, ACKED_RUNS_MAX);
  const out = start(32).u8(KIND.acked).varint(kept.length);
  let before = 0;
  for (const [first, last] of kept) {
    out.varint(first - before).varint(last - first);
    before = last;
  }
  return close(out);
}

export interface ScanResult {
  /** End of the last good record. */
  readonly end: number;
  /** Sequences of readings that stood between good records and are damaged: exact. */
  readonly damaged: readonly Run[];
  /** Whether bytes that are no record follow the last good one: a write that was cut off. */
  readonly torn: boolean;
}

/**
 * Reads every good record from `from` on, in order.
 * @param before sequence of the reading before `from`
 */
export function scan(
  bytes: Uint8Array,
  from: number,
  before: number,
  onEntry: (entry: Entry) => void,
): ScanResult {
  const damaged: Run[] = [];
  let [at, end, last, gap] = [from, from, before, false];
  while (at < bytes.length) {
    const size = sizeAt(bytes, at);
    const entry = size === 0 ? undefined : decode(bytes.subarray(at + BODY_AT, at + size));
    if (entry === undefined) {
      gap = true;
      at = bytes.indexOf(MARKER[0], at + 1);
      if (at < 0) break;
      continue;
    }
    if (entry.kind === 'reading') {
      const previous = entry.record.sequence - entry.step;
      if (gap && previous > last) damaged.push([last + 1, previous]);
      last = entry.record.sequence;
      gap = false;
    }
    at += size;
    end = at;
    onEntry(entry);
  }
  return { end, damaged, torn: end < bytes.length };
}

/** Bytes of the record that stands at `at`, 0 when none does. */
function sizeAt(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== MARKER[0] || bytes[at + 1] !== MARKER[1] || at + BODY_AT > bytes.length) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, BODY_AT);
  const length = view.getUint16(LENGTH_AT, true) + view.getUint8(LENGTH_AT + 2) * 65_536;
  const size = BODY_AT + length;
  if (length > BODY_BYTES_MAX || at + size > bytes.length) return 0;
  return crc32(bytes.subarray(at + LENGTH_AT, at + size)) === view.getUint32(CRC_AT, true) ? size : 0;
}

function decode(body: Uint8Array): Entry | undefined {
  try {
    const reader = new ByteReader(body, 'record');
    const kind = reader.u8();
    if (kind === KIND.reading) return decodeReading(reader);
    return kind === KIND.acked ? decodeAcked(reader) : undefined;
  } catch {
    return undefined;
  }
}

function decodeReading(reader: ByteReader): Entry {
  const [sequence, step, at, mono] = [reader.varint(), reader.varint(), reader.signed(), reader.varint()];
  const score = reader.u8() === MARK_SCORED ? reader.f64() : undefined;
  const payload = reader.raw(reader.left);
  const fields = { sequence, at, mono, payload };
  return { kind: 'reading', step, record: score === undefined ? fields : { ...fields, score } };
}

function decodeAcked(reader: ByteReader): Entry {
  const runs: Run[] = [];
  let before = 0;
  for (let left = reader.varint(); left > 0; left--) {
    const first = before + reader.varint();
    before = first + reader.varint();
    runs.push([first, before]);
  }
  return { kind: 'acked', runs };
}

function start(capacity: number): ByteWriter {
  return new ByteWriter(capacity).u8(MARKER[0]).u8(MARKER[1]).u32(0).u8(0).u8(0).u8(0);
}

function close(out: ByteWriter): Uint8Array {
  const bytes = out.finish();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = bytes.length - BODY_AT;
  view.setUint16(LENGTH_AT, length & 0xffff, true);
  view.setUint8(LENGTH_AT + 2, length >>> 16);
  view.setUint32(CRC_AT, crc32(bytes.subarray(LENGTH_AT)), true);
  return bytes;
}
