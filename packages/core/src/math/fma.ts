const SPLIT = 134217729; // 2^27 + 1
const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);
const LOW = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;

/**
 * a * b + c with one rounding, as the processor's instruction gives it, which JavaScript cannot name.
 *
 * Product and sum are made exact in two parts each; the small parts are added with rounding to odd, so that the last
 * addition rounds rightly. Exact for finite values as long as a * b neither overflows nor comes near the subnormals.
 * Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums", IEEE Trans. Computers 57(4), 2008, figure 2.
 */
export function fma(a: number, b: number, c: number): number {
  const product = a * b;
  const low = productError(a, b, product);
  const small = c + low;
  const smallLow = sumError(c, low, small);
  const sum = product + small;
  return sum + addToOdd(smallLow, sumError(product, small, sum));
}

/** a * b - product, exactly (Dekker). */
export function productError(a: number, b: number, product: number): number {
  const scaledA = SPLIT * a;
  const scaledB = SPLIT * b;
  const highA = scaledA - (scaledA - a);
  const highB = scaledB - (scaledB - b);
  const lowA = a - highA;
  const lowB = b - highB;
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
}

/** a + b - sum, exactly (Knuth). */
export function sumError(a: number, b: number, sum: number): number {
  const shadow = sum - a;
  return a - (sum - shadow) + (b - shadow);
}

/** a + b, rounded to the neighbour with an odd last bit unless it is exact. */
function addToOdd(a: number, b: number): number {
  const sum = a + b;
  const error = sumError(a, b, sum);
  if (error === 0) return sum;
  scratch[0] = sum;
  const low = words[LOW] as number;
  if ((low & 1) === 1) return sum;
  if (error > 0 === sum > 0) {
    words[LOW] = low + 1;
  } else {
    if (low === 0) words[1 - LOW] = (words[1 - LOW] as number) - 1;
    words[LOW] = low - 1;
  }
  return scratch[0];
}
