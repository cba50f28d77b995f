/**
 * Raw lines of the Intel Berkeley Research Lab's sensors: `date time epoch mote temperature humidity light voltage`.
 * Plain or gzip. 2.3 million lines take about a second; memory does not grow with the file.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LinnetError } from '@linnet/core';

export const INTEL_LAB_VALUES = ['temperature', 'humidity', 'light', 'voltage'] as const;

export interface IntelLabCounts {
  lines: number;
  /** Lines with fewer than eight fields. */
  short: number;
  /** Lines with a field that is not what it should be. */
  malformed: number;
  /** The first short or malformed line, `file:line`. */
  firstBad: string | undefined;
}

/**
 * Reads files one after the other.
 * @param value which measurement to take
 * @param onReading gets each good line: mote, epoch milliseconds (UTC), value
 * @throws LinnetError `io.not-found`, `io.failed`
 */
export async function readIntelLab(
  paths: readonly string[],
  value: (typeof INTEL_LAB_VALUES)[number],
  onReading: (mote: number, time: number, value: number) => void,
): Promise<IntelLabCounts> {
  const counts: IntelLabCounts = { lines: 0, short: 0, malformed: 0, firstBad: undefined };
  const column = 4 + INTEL_LAB_VALUES.indexOf(value);
  for (const path of paths) {
    const parser = new LineParser(path, column, counts, onReading);
    try {
      for await (const chunk of await openBytes(path)) parser.write(chunk as Buffer);
    } catch (cause) {
      if (cause instanceof LinnetError) throw cause;
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      const code = missing ? 'io.not-found' : 'io.failed';
      throw new LinnetError(code, `cannot read ${path}: ${(cause as Error).message}`, { cause });
    }
    parser.end();
  }
  return counts;
}

async function openBytes(path: string): Promise<AsyncIterable<unknown>> {
  const file = await open(path);
  const head = Buffer.alloc(2);
  await file.read(head, 0, 2, 0);
  await file.close();
  const bytes = createReadStream(path, { highWaterMark: 1 << 18 });
  if (head.readUInt16BE() !== GZIP_MAGIC) return bytes;
  return pipeline(bytes, createGunzip({ chunkSize: 1 << 18 }), () => {});
}

const GZIP_MAGIC = 0x1f8b;
const [NEWLINE, SPACE, TAB, RETURN, DOT, MINUS, PLUS, COLON, ZERO, NINE] = [
  10, 32, 9, 13, 46, 45, 43, 58, 48, 57,
];
const FIELDS = 8;
const DAY_MS = 86_400_000;
/** Bytes of a line that are kept; of a longer one, which is malformed, only the beginning. */
const LINE_MAX = 65_536;

class LineParser {
  private readonly path: string;
  private readonly column: number;
  private readonly counts: IntelLabCounts;
  private readonly onReading: (mote: number, time: number, value: number) => void;
  private rest: Buffer = Buffer.alloc(0);
  private line = 0;
  private readonly starts = new Int32Array(FIELDS);
  private readonly ends = new Int32Array(FIELDS);
  /** The day of the line before, which most lines share. */
  private dayKey = -1;
  private dayTime = Number.NaN;

  constructor(
    path: string,
    column: number,
    counts: IntelLabCounts,
    onReading: (mote: number, time: number, value: number) => void,
  ) {
    this.path = path;
    this.column = column;
    this.counts = counts;
    this.onReading = onReading;
  }

  write(chunk: Buffer): void {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.parse(bytes, start, end);
      start = end + 1;
    }
    this.rest = bytes.subarray(start, start + LINE_MAX);
  }

  end(): void {
    if (this.rest.length > 0) this.parse(this.rest, 0, this.rest.length);
    this.rest = Buffer.alloc(0);
  }

  private parse(bytes: Buffer, start: number, end: number): void {
    this.line++;
    const { starts, ends, counts } = this;
    const fields = this.split(bytes, start, end);
    if (fields === 0) return;
    counts.lines++;
    if (fields < FIELDS) {
      counts.short++;
      counts.firstBad ??= `${this.path}:${this.line}`;
      return;
    }
    const time =
      this.day(bytes, starts[0] as number, ends[0] as number) +
      clock(bytes, starts[1] as number, ends[1] as number);
    const mote = decimal(bytes, starts[3] as number, ends[3] as number);
    const value = decimal(bytes, starts[this.column] as number, ends[this.column] as number);
    if (fields > FIELDS || !Number.isFinite(time + value) || !Number.isInteger(mote)) {
      counts.malformed++;
      counts.firstBad ??= `${this.path}:${this.line}`;
      return;
    }
    this.onReading(mote, time, value);
  }

  /** Finds the fields; returns how many there are, at most one more than there should be. */
  private split(bytes: Buffer, start: number, end: number): number {
    const { starts, ends } = this;
    let fields = 0;
    let at = start;
    for (;;) {
      while (at < end && isBlank(bytes[at] as number)) at++;
      if (at === end || fields > FIELDS) return fields;
      starts[fields] = at;
      while (at < end && !isBlank(bytes[at] as number)) at++;
      ends[fields++] = at;
    }
  }

  /** `2004-03-01` as epoch milliseconds; NaN if it is no date. */
  private day(bytes: Buffer, start: number, end: number): number {
    if (end - start !== 10 || bytes[start + 4] !== MINUS || bytes[start + 7] !== MINUS) return Number.NaN;
    const year = whole(bytes, start, start + 4);
    const month = whole(bytes, start + 5, start + 7);
    const day = whole(bytes, start + 8, end);
    const key = year * 10_000 + month * 100 + day;
    if (key !== this.dayKey) {
      this.dayKey = key;
      const date = new Date(Date.UTC(year, month - 1, day));
      const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
      this.dayTime = real ? date.getTime() : Number.NaN;
    }
    return this.dayTime;
  }
}

/** `00:00:23.385844` in milliseconds of the day. */
function clock(bytes: Buffer, start: number, end: number): number {
  if (end - start < 8 || bytes[start + 2] !== COLON || bytes[start + 5] !== COLON) return Number.NaN;
  const hour = whole(bytes, start, start + 2);
  const minute = whole(bytes, start + 3, start + 5);
  const second = decimal(bytes, start + 6, end);
  const time = hour * 3_600_000 + minute * 60_000 + second * 1000;
  return minute < 60 && second >= 0 && second < 60 && time < DAY_MS ? time : Number.NaN;
}

function whole(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < ZERO || byte > NINE) return Number.NaN;
    value = value * 10 + byte - ZERO;
  }
  return value;
}

/** A decimal number without exponent. Up to 15 digits and 22 places the quotient is the nearest double, as parseFloat's. */
function decimal(bytes: Buffer, start: number, end: number): number {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative || bytes[at] === PLUS) at++;
  let [value, digits, places, seenDot] = [0, 0, 0, false];
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === DOT && !seenDot) {
      seenDot = true;
    } else if (byte >= ZERO && byte <= NINE) {
      value = value * 10 + byte - ZERO;
      digits++;
      if (seenDot) places++;
    } else {
      return slow(bytes, start, end);
    }
  }
  if (digits === 0 || digits > 15) return slow(bytes, start, end);
  const size = places > 0 ? value / 10 ** places : value;
  return negative ? -size : size;
}

/** What the fast way does not take: exponents, many digits. */
function slow(bytes: Buffer, start: number, end: number): number {
  const text = bytes.toString('latin1', start, end);
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN;
}
