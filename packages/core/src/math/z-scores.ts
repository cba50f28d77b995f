import { isMissing } from './missing.ts';

/** Values at a time: few enough to be summed up again from the cache. */
const BLOCK = 4096;

export interface Moments {
  /** Values that are there. */
  readonly count: number;
  readonly mean: number;
  /** Standard deviation of the population: divisor n. */
  readonly deviation: number;
}

/**
 * Mean and population standard deviation of a column. Missing values (NaN and infinities) are left out; of none at all
 * both are NaN. Blocks are summed up about a value near their mean and joined, so that a mean far from 0 costs no digits.
 *
 * Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
 */
export function momentsOf(values: Float64Array): Moments {
  const sums: Sums = { about: 0, distance: 0, squares: 0 };
  let [count, mean, squares] = [0, NaN, 0];
  for (let start = 0; start < values.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, values.length);
    let size = end - start;
    addUp(values, start, end, count === 0 ? (values[start] as number) : mean, sums);
    if (isMissing(sums.squares)) {
      const there = values.slice(start, end).filter((value) => !isMissing(value));
      size = there.length;
      if (size === 0) continue;
      addUp(there, 0, size, count === 0 ? (there[0] as number) : mean, sums);
    }
    const total = count + size;
    const ownMean = sums.about + sums.distance / size;
    const apart = count === 0 ? 0 : ownMean - mean;
    squares += sums.squares - sums.distance ** 2 / size + (apart * apart * count * size) / total;
    mean = count === 0 ? ownMean : mean + (apart * size) / total;
    count = total;
  }
  return { count, mean, deviation: Math.sqrt(Math.max(0, squares) / count) };
}

/**
 * Each value's distance from the column's mean, in standard deviations of the population, as scikit-learn's StandardScaler
 * measures it. Missing values (NaN and infinities) give NaN; where all values are the same each is 0.
 * @param into receives the result and may be `values` itself; a new array if not given, which for millions of values costs
 * more than the arithmetic
 *
 * @example
 * zScores(Float64Array.of(20, 22, NaN, 20, 22)).join(' '); // '-1 1 NaN -1 1'
 */
export function zScores(values: Float64Array, into = new Float64Array(values.length)): Float64Array {
  const { count, mean, deviation } = momentsOf(values);
  const unit = deviation === 0 ? 1 : deviation;
  for (let i = 0; i < values.length; i++) into[i] = ((values[i] as number) - mean) / unit;
  // What was an infinity is one still; looking for it in the loop above would cost more than all the rest.
  if (count < values.length) {
    for (let i = 0; i < values.length; i++) if (isMissing(into[i] as number)) into[i] = NaN;
  }
  return into;
}

/** Sums of the distances from `about` and of their squares. */
interface Sums {
  about: number;
  distance: number;
  squares: number;
}

function addUp(
  values: Float64Array,
  start: number,
  end: number,
  about: number,
  sums: Sums,
  again = false,
): void {
  // Two running sums of each kind: the additions of one need not wait for those of the other, and all fit the registers.
  let [sum, sumOdd, squares, squaresOdd] = [0, 0, 0, 0];
  let i = start;
  for (; i + 2 <= end; i += 2) {
    const even = (values[i] as number) - about;
    const odd = (values[i + 1] as number) - about;
    sum += even;
    sumOdd += odd;
    squares += even * even;
    squaresOdd += odd * odd;
  }
  if (i < end) {
    const last = (values[i] as number) - about;
    sum += last;
    squares += last * last;
  }
  sums.about = about;
  sums.distance = sum + sumOdd;
  sums.squares = squares + squaresOdd;
  // Sums about a value outside of the block lose digits when the mean is taken off: they are made again about the mean.
  const off = sums.distance / (end - start);
  if (!again && off * sums.distance > sums.squares / 2) addUp(values, start, end, about + off, sums, true);
}
