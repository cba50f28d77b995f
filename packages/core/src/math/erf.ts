const TERMS = 30;
const SMALL = 2.5;

/**
 * Error function, to a few units in the last place: below 2.5 its series of positive terms, above it the continued
 * fraction of its complement (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6 and 7.1.14).
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  const value = size < SMALL ? series(size) : 1 - complement(size);
  return x < 0 ? -value : value;
}

/** 2/√π e^(-x²) Σ 2^n x^(2n+1) / (1·3···(2n+1)) */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let odd = 3; term > sum * 2 ** -54; odd += 2) {
    term *= (2 * x * x) / odd;
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** e^(-x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) */
function complement(x: number): number {
  let fraction = x;
  for (let n = TERMS; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
