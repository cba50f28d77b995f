/** The arithmetic that turns path lengths into scores, as scikit-learn 1.9.1 and NumPy 2.4.6 do it. */
import { exp2 } from '../../math/exp2.ts';
import { logInteger } from '../../math/log-integer.ts';

const EULER_GAMMA = 0.5772156649015329;

/** Mean path length of an unsuccessful search in a binary tree of n: what a leaf of n rows adds to its depth. */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (logInteger(n - 1) + EULER_GAMMA) - (2 * (n - 1)) / n;
}

/**
 * scikit-learn's `score_samples` of a row: in [-1, 0), the lower the stranger.
 * @param paths path lengths of the row, summed over the trees
 * @param usual number of trees times `averagePathLength` of their sample; 0 for a sample of one row
 */
export function scoreOf(paths: number, usual: number): number {
  return -exp2(-(usual === 0 ? 1 : paths / usual));
}

/** `numpy.percentile(values, 100 * fraction)`, linear between neighbours. Sorts `values`. */
export function percentile(values: Float64Array, fraction: number): number {
  values.sort();
  const last = values.length - 1;
  const at = last * ((100 * fraction) / 100);
  const below = Math.min(Math.floor(at), last);
  const low = values[below] as number;
  const high = values[Math.min(below + 1, last)] as number;
  const t = at - below;
  return t >= 0.5 ? high - (high - low) * (1 - t) : low + (high - low) * t;
}
