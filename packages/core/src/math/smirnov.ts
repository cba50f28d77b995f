/**
 * The two-sample Kolmogorov-Smirnov statistic of samples of one size n, times n: the greatest difference between the numbers
 * of values up to any point.
 * @param a @param b sorted
 */
export function smirnovStatistic(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let [i, j, greatest] = [0, 0, 0];
  while (i < n && j < n) {
    const at = Math.min(a[i] as number, b[j] as number);
    while (i < n && (a[i] as number) <= at) i++;
    while (j < n && (b[j] as number) <= at) j++;
    greatest = Math.max(greatest, Math.abs(i - j));
  }
  return greatest;
}

/**
 * Chance of a statistic of `h` or more where both samples, of n values each, come from one distribution: exact, in the order
 * of operations of SciPy 1.17.1's `ks_2samp`. Hodges, The significance probability of the Smirnov two-sample test, 1958:
 * 2 Σ (-1)^(k+1) C(2n, n - kh) / C(2n, n), nested as by Horner.
 */
export function smirnovP(n: number, h: number): number {
  if (h === 0) return 1;
  let p = 0;
  for (let k = Math.floor(n / h); k >= 0; k--) {
    let ratio = 1;
    for (let j = 0; j < h; j++) ratio = ((n - k * h - j) * ratio) / (n + k * h + j + 1);
    p = ratio * (1 - p);
  }
  return Math.min(1, 2 * p);
}
