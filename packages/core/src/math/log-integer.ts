import { fma, sumError } from './fma.ts';

const LN2_HIGH = Math.LN2;
const LN2_LOW = 2.3190468138462996e-17;
const TERMS = 26;

/**
 * The natural logarithm of a whole number from 1 to 2^31, rounded to the nearest double, which is what C libraries and
 * NumPy give (but for one in 25,000 there); `Math.log` of V8 differs in the last bit for one in a hundred.
 *
 * n = 2^k m with m near 1, and log m = 2 artanh((m - 1) / (m + 1)) as a series, all in pairs of doubles.
 */
export function logInteger(n: number): number {
  const k = Math.round(Math.log2(n));
  const m = n / 2 ** k;
  const [z, zLow] = quotient(m - 1, m + 1);
  const square = z * z;
  const squareLow = fma(z, z, -square) + 2 * z * zLow;
  let [sum, sumLow] = [0, 0];
  for (let term = TERMS; term >= 0; term--) {
    const product = sum * square;
    const productLow = fma(sum, square, -product) + sum * squareLow + sumLow * square;
    const [part, partLow] = quotient(1, 2 * term + 1);
    sum = part + product;
    sumLow = sumError(part, product, sum) + partLow + productLow;
  }
  const log = 2 * z * sum;
  const logLow = fma(2 * z, sum, -log) + 2 * (z * sumLow + zLow * sum);
  const shift = k * LN2_HIGH;
  const total = shift + log;
  return total + (sumError(shift, log, total) + fma(k, LN2_HIGH, -shift) + k * LN2_LOW + logLow);
}

/** a / b as the sum of two doubles. */
function quotient(a: number, b: number): [high: number, low: number] {
  const high = a / b;
  return [high, fma(-high, b, a) / b];
}
