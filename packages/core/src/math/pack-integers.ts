/**
 * Bytes of whole numbers >= 0 that repeat: runs of equal values, each a length and a value as LEB128 numbers. A window's
 * masses are mostly zeros, so that a snapshot is a fraction of the state.
 */
export function packIntegers(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(packedLength(values));
  let length = 0;
  for (let at = 0; at < values.length;) {
    const end = endOfRun(values, at);
    length = put(bytes, length, end - at);
    length = put(bytes, length, values[at] as number);
    at = end;
  }
  return bytes;
}

/** Fills `into` with what was packed; false where the bytes do not hold exactly as many values. */
export function unpackIntegers(bytes: Uint8Array, into: Filled): boolean {
  let filled = 0;
  for (let at = 0; at < bytes.length;) {
    const run = take(bytes, at);
    const value = take(bytes, run.next);
    if (!(filled + run.value <= into.length && value.value >= 0)) return false;
    into.fill(value.value, filled, filled + run.value);
    filled += run.value;
    at = value.next;
  }
  return filled === into.length;
}

interface Filled {
  readonly length: number;
  fill(value: number, from: number, to: number): unknown;
}

function packedLength(values: ArrayLike<number>): number {
  let length = 0;
  for (let at = 0; at < values.length;) {
    const end = endOfRun(values, at);
    length += bytesOf(end - at) + bytesOf(values[at] as number);
    at = end;
  }
  return length;
}

function endOfRun(values: ArrayLike<number>, at: number): number {
  let end = at + 1;
  while (end < values.length && values[end] === values[at]) end++;
  return end;
}

function bytesOf(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) count++;
  return count;
}

/** @returns where the next one begins */
function put(bytes: Uint8Array, from: number, value: number): number {
  let at = from;
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) + 128;
  bytes[at++] = rest;
  return at;
}

/** The number at `from`, NaN where the bytes end before it does. */
function take(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0;
  let scale = 1;
  let at = from;
  for (; (bytes[at] as number) >= 128; at++) {
    value += ((bytes[at] as number) - 128) * scale;
    scale *= 128;
  }
  return { value: value + (bytes[at] ?? NaN) * scale, next: at + 1 };
}
