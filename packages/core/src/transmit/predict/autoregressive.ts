import { NONE } from '../fixed-point.ts';
import { Increments } from './increments.ts';
import type { Predictor, Span } from './predictor.ts';

export const AR_ORDER = 8;
/** Coefficients travel as whole numbers of 2^-8. */
const SCALE = 256;
const LIMIT = 511;
const PIVOT_MIN = 1e-9;

/**
 * An autoregressive model of the increments, one for all channels; its coefficients are fitted at the gateway on what was measured
 * and travel with the message that switches to them. Without coefficients the last value holds. State: 36 bytes a channel.
 */
export class Autoregressive implements Predictor {
  readonly state: Int32Array;
  private readonly taps = new Int32Array(AR_ORDER);
  private readonly increments: Increments;

  /** @param coefficients at most eight, in units of 2^-8 */
  constructor(channels: number, coefficients: readonly number[]) {
    for (let i = 0; i < AR_ORDER; i++) this.taps[i] = (coefficients[i] ?? 0) * (65_536 / SCALE);
    this.state = new Int32Array(channels * (AR_ORDER + 1)).fill(NONE);
    this.increments = new Increments(this.state, channels, AR_ORDER);
  }

  predict(ahead: number, out: Int32Array, at: number): void {
    this.increments.predict(ahead, this.taps, 0, out, at);
  }

  settle({ rows, count, anchors }: Span): void {
    const channels = anchors.length;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < channels; j++) {
        const value = rows[i * channels + j] as number;
        const next = value === NONE ? this.increments.expected(j, this.taps, 0) : value;
        if (next !== NONE) this.increments.push(j, next);
      }
    }
  }
}

/**
 * Least squares over all channels, each weighted by its unit.
 * @param rows measured values, oldest first, `units.length` a row; NaN is left out with all that needs it
 */
export function fitAutoregression(rows: Float64Array, units: Float64Array): number[] {
  const channels = units.length;
  const size = AR_ORDER + 1;
  const sums = new Float64Array(size * size);
  const lags = new Float64Array(size);
  for (let j = 0; j < channels; j++) {
    const unit = units[j] as number;
    // Newest increment first; how many in a row are known.
    let known = 0;
    for (let at = j + channels; at < rows.length; at += channels) {
      const increment = ((rows[at] as number) - (rows[at - channels] as number)) / unit;
      lags.copyWithin(1, 0);
      lags[0] = increment;
      known = Number.isFinite(increment) ? known + 1 : 0;
      if (known >= size) addProducts(sums, lags);
    }
  }
  return solve(sums, size).map((x) => Math.max(-LIMIT, Math.min(LIMIT, Math.round(x * SCALE))));
}

/** Adds the products of every two lags: the lower triangle of their matrix. */
function addProducts(sums: Float64Array, lags: Float64Array): void {
  const size = lags.length;
  for (let a = 0; a < size; a++) {
    const lag = lags[a] as number;
    for (let b = 0; b <= a; b++)
      sums[a * size + b] = (sums[a * size + b] as number) + lag * (lags[b] as number);
  }
}

/** Normal equations of column 0 on the others by Gauss elimination, a little ridge on the diagonal. */
function solve(sums: Float64Array, size: number): number[] {
  const order = size - 1;
  const product = (a: number, b: number): number => sums[Math.max(a, b) * size + Math.min(a, b)] as number;
  const table = Array.from({ length: order }, (_, a) =>
    Array.from({ length: order + 1 }, (__, b) =>
      b === order ? product(a + 1, 0) : product(a + 1, b + 1) * (a === b ? 1.001 : 1),
    ),
  );
  for (let p = 0; p < order; p++) {
    const pivot = table[p] as number[];
    if (!(Math.abs(pivot[p] as number) > PIVOT_MIN)) return new Array<number>(order).fill(0);
    for (const row of table) {
      if (row === pivot) continue;
      const factor = (row[p] as number) / (pivot[p] as number);
      for (let b = p; b <= order; b++) row[b] = (row[b] as number) - factor * (pivot[b] as number);
    }
  }
  return table.map((row, p) => (row[order] as number) / (row[p] as number));
}
