/**
 * The sum of values as NumPy adds up a contiguous array: halves above 128 values, eight running sums below. Equal to the bit to
 * NumPy 2.4.6 (umath/loops_utils.h), and more exact than one running sum.
 */
export function pairwiseSum(values: Float64Array, start = 0, end = values.length): number {
  const count = end - start;
  if (count > 128) {
    let half = Math.floor(count / 2);
    half -= half % 8;
    return pairwiseSum(values, start, start + half) + pairwiseSum(values, start + half, end);
  }
  let at = start;
  let sum = 0;
  if (count >= 8) {
    const sums = values.slice(start, start + 8);
    for (at += 8; at + 8 <= end; at += 8) {
      for (let i = 0; i < 8; i++) sums[i] = (sums[i] as number) + (values[at + i] as number);
    }
    const [a, b, c, d, e, f, g, h] = sums as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    sum = a + b + (c + d) + (e + f + (g + h));
  }
  for (; at < end; at++) sum += values[at] as number;
  return sum;
}
