import { LinnetError } from '../base/error.ts';

/** The tail of a sample above `start`: a generalised Pareto distribution of the excesses. */
export interface Tail {
  readonly start: number;
  readonly scale: number;
  readonly shape: number;
  /** Fraction of the sample that lies above `start`. */
  readonly fraction: number;
}

/**
 * Fits the upper tail by probability-weighted moments (Hosking and Wallis, Technometrics 29, 1987), which need no search and
 * hold for small samples.
 * @param fraction of the sample that counts as the tail
 * @throws LinnetError `data.empty` with fewer than ten values in the tail
 */
export function fitTail(sample: Float64Array, fraction = 0.02): Tail {
  const sorted = sample.toSorted();
  const count = Math.floor(sorted.length * fraction);
  if (count < 10) {
    throw new LinnetError('data.empty', `${sorted.length} values are too few to fit a tail of ${fraction}`);
  }
  const start = sorted[sorted.length - count - 1] as number;
  let [mean, weighted] = [0, 0];
  for (let i = 0; i < count; i++) {
    const excess = (sorted[sorted.length - count + i] as number) - start;
    mean += excess / count;
    weighted += (excess * (1 - (i + 0.65) / count)) / count;
  }
  const rest = mean - 2 * weighted;
  // All excesses equal, or none: the tail ends where it starts.
  if (!(rest > 0)) return { start, scale: mean, shape: 0, fraction: count / sorted.length };
  return {
    start,
    scale: (2 * mean * weighted) / rest,
    shape: 2 - mean / rest,
    fraction: count / sorted.length,
  };
}

/** The value that is exceeded with probability `rate`, which must lie in the tail. */
export function tailQuantile({ start, scale, shape, fraction }: Tail, rate: number): number {
  const ratio = rate / fraction;
  if (Math.abs(shape) < 1e-9) return start - scale * Math.log(ratio);
  return start + (scale / shape) * (ratio ** -shape - 1);
}
