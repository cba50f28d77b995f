/** What both ends of a link say about the future from the same whole numbers. */

/** Decoded instants since the last message, in units, oldest first; NONE where a channel had no value. */
export interface Span {
  readonly rows: Int32Array;
  readonly count: number;
  /** By channel the row of its last value, -1 for none. That value is exact to the unit, the others to epsilon. */
  readonly anchors: Int32Array;
}

/**
 * A predictor of all channels. Deterministic to the bit: its numbers are whole, or sums and products of doubles in a fixed order.
 */
export interface Predictor {
  /** All that both ends must agree on; a copy put back restores the predictor. */
  readonly state: Int32Array;
  /**
   * The values `ahead` instants after the last span into `out` from `at` on, NONE for a channel that never had a value.
   * Asked for 1, 2, 3 … in turn after each `settle`.
   */
  predict(ahead: number, out: Int32Array, at: number): void;
  /** Takes in what a message said. */
  settle(span: Span): void;
}

/** Nothing a day ahead is foretold by a trend: sums of a damped one stop here. */
const AHEAD_MAX = 512;

/** By instants ahead, the sum of `keep`, `keep`^2 … in units of 2^-16. */
export function dampedSums(numerator: number, shift: number): Int32Array {
  const sums = new Int32Array(AHEAD_MAX + 1);
  let power = 65_536;
  for (let ahead = 1; ahead <= AHEAD_MAX; ahead++) {
    power = Math.floor((power * numerator) / 2 ** shift);
    sums[ahead] = (sums[ahead - 1] as number) + power;
  }
  return sums;
}

/** Looks a table up; beyond its end its last number stands. */
export function lookUp(table: Int32Array, index: number): number {
  return table[index < table.length ? index : table.length - 1] as number;
}
