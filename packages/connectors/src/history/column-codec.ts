/**
 * One channel of one sensor as bytes that compress well, and back to the same bits.
 *
 * Sensors report decimals (23.4), whose doubles have random-looking low bits. Where every value is a decimal of few digits,
 * the digits are stored as integers, as differences, in planes of equal bytes; this is the idea of ALP (Afroozeh, Kuffo and
 * Boncz, SIGMOD 2024) with differences in the place of its frame of reference. Anything else stays a double.
 */

/** How a column is stored; the numbers are part of the file format. */
const ENCODING = { constant: 0, double: 1, decimal: 2 } as const;

/** Tried in this order: 10^3 first, because whole seconds are what most stamps are. */
const SCALES = [1e-3, 1, 10, 100, 1000, 1e4, 1e5, 1e6] as const;
const WIDE = 2 ** 31;
const HEADER_BYTES = 16;

/** Bytes of the column: encoding, scale, width, whether there are gaps, then base and the planes. */
export function encodeColumn(values: Float64Array): Uint8Array {
  const first = values[0] ?? Number.NaN;
  if (isConstant(values, first)) return header(ENCODING.constant, 0, 0, 0, first);
  for (let scale = scaleOf(values); scale < SCALES.length; scale++) {
    const encoded = encodeDecimals(values, scale);
    if (encoded !== undefined) return encoded;
  }
  const bytes = header(ENCODING.double, 0, 0, 0, 0, values.length * 8);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), HEADER_BYTES);
  return bytes;
}

/** @param rows how many values were encoded */
export function decodeColumn(bytes: Uint8Array, rows: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const base = view.getFloat64(8, true);
  switch (bytes[0]) {
    case ENCODING.constant:
      return new Float64Array(rows).fill(base);
    case ENCODING.double:
      return decodeDoubles(bytes, rows);
    case ENCODING.decimal:
      return decodeDecimals(bytes, rows, base);
    default:
      throw new RangeError(`unknown column encoding ${bytes[0]}`);
  }
}

function isConstant(values: Float64Array, first: number): boolean {
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return false;
  return true;
}

/** Copies, because bytes of a Buffer need not be aligned. */
function decodeDoubles(bytes: Uint8Array, rows: number): Float64Array {
  const values = new Float64Array(rows);
  new Uint8Array(values.buffer).set(bytes.subarray(HEADER_BYTES, HEADER_BYTES + rows * 8));
  return values;
}

/** The first scale at which the first values are whole; the caller goes on from there. */
function scaleOf(values: Float64Array): number {
  let scale = 0;
  for (let i = 0; i < values.length && i < 16; i++) {
    const value = values[i] as number;
    while (scale < SCALES.length && !Number.isNaN(value) && !isWhole(value, SCALES[scale] as number)) scale++;
  }
  return scale;
}

function isWhole(value: number, scale: number): boolean {
  return Object.is(Math.round(value * scale) / scale, value);
}

/** Nothing where some value is no decimal of that scale, or two neighbours lie too far apart. */
function encodeDecimals(values: Float64Array, scaleIndex: number): Uint8Array | undefined {
  const scale = SCALES[scaleIndex] as number;
  const rows = values.length;
  const zigzag = new Uint32Array(rows);
  let base = 0;
  let before: number | undefined;
  let all = 0;
  let gaps = 0;
  for (let i = 0; i < rows; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) {
      gaps++;
      continue;
    }
    const whole = Math.round(value * scale);
    if (!Object.is(whole / scale, value) || Math.abs(whole) > Number.MAX_SAFE_INTEGER) return undefined;
    if (before === undefined) base = whole;
    const step = whole - (before ?? whole);
    if (step >= WIDE || step < -WIDE) return undefined;
    const code = ((step << 1) ^ (step >> 31)) >>> 0;
    zigzag[i] = code;
    all |= code;
    before = whole;
  }
  const width = widthOf(all >>> 0);
  const mask = gaps > 0 ? Math.ceil(rows / 8) : 0;
  const bytes = header(ENCODING.decimal, scaleIndex, width, gaps > 0 ? 1 : 0, base, mask + width * rows);
  if (gaps > 0) writeMask(values, bytes);
  for (let plane = 0; plane < width; plane++) {
    const start = HEADER_BYTES + mask + plane * rows;
    const shift = plane * 8;
    for (let i = 0; i < rows; i++) bytes[start + i] = (zigzag[i] as number) >>> shift;
  }
  return bytes;
}

function decodeDecimals(bytes: Uint8Array, rows: number, base: number): Float64Array {
  const scale = SCALES[bytes[1] as number];
  const width = bytes[2] as number;
  const mask = bytes[3] === 1 ? Math.ceil(rows / 8) : 0;
  if (scale === undefined || bytes.length < HEADER_BYTES + mask + width * rows) {
    throw new RangeError('a column is cut short');
  }
  const codes = new Uint32Array(rows);
  for (let plane = 0; plane < width; plane++) {
    const start = HEADER_BYTES + mask + plane * rows;
    const shift = plane * 8;
    for (let i = 0; i < rows; i++) codes[i] = (codes[i] as number) | ((bytes[start + i] as number) << shift);
  }
  const values = new Float64Array(rows);
  let whole = base;
  for (let i = 0; i < rows; i++) {
    const code = codes[i] as number;
    whole += (code >>> 1) ^ -(code & 1);
    values[i] = whole / scale;
  }
  if (mask > 0) {
    for (let i = 0; i < rows; i++) {
      if (((bytes[HEADER_BYTES + (i >> 3)] as number) >> (i & 7)) & 1) values[i] = Number.NaN;
    }
  }
  return values;
}

function writeMask(values: Float64Array, bytes: Uint8Array): void {
  for (let i = 0; i < values.length; i++) {
    const at = HEADER_BYTES + (i >> 3);
    if (Number.isNaN(values[i])) bytes[at] = (bytes[at] as number) | (1 << (i & 7));
  }
}

function widthOf(code: number): number {
  if (code === 0) return 0;
  return code < 1 << 8 ? 1 : code < 1 << 16 ? 2 : 4;
}

function header(encoding: number, scale: number, width: number, gaps: number, base: number, extra = 0) {
  const bytes = new Uint8Array(HEADER_BYTES + extra);
  bytes.set([encoding, scale, width, gaps]);
  new DataView(bytes.buffer).setFloat64(8, base, true);
  return bytes;
}
