/** Whole numbers >= 0. */
export type Unsigned = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The smallest integers that hold `max`; doubles beyond 32 bits. */
export function unsigned(max: number, length: number): Unsigned {
  if (max < 2 ** 8) return new Uint8Array(length);
  if (max < 2 ** 16) return new Uint16Array(length);
  return max < 2 ** 32 ? new Uint32Array(length) : new Float64Array(length);
}
