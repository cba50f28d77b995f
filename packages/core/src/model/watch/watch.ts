import { fitTail, tailQuantile } from '../../math/generalized-pareto.ts';
import type { Check } from './check.ts';

/** What is wrong with the newest row, as one check sees it. */
export interface WatchAlarm {
  readonly check: string;
  /** Index of the sensor. */
  readonly sensor: number;
  /** Score over threshold; above 1. */
  readonly ratio: number;
}

/** Several checks of the same rows, each with a threshold a sensor. */
export class SensorWatch {
  private readonly checks: readonly Check[];
  private readonly thresholds: readonly Float64Array[];
  private readonly scores: Float64Array;

  /** @param thresholds by check and sensor, as `fitWatch` gives them */
  constructor(checks: readonly Check[], thresholds: readonly Float64Array[]) {
    this.checks = checks;
    this.thresholds = thresholds;
    this.scores = new Float64Array(thresholds[0]?.length ?? 0);
  }

  /** Takes the next row in, NaN for missing, and says what is wrong with it. */
  push(row: Float64Array): WatchAlarm[] {
    const alarms: WatchAlarm[] = [];
    this.checks.forEach((check, index) => {
      check.push(row, this.scores);
      this.thresholds[index]?.forEach((limit, sensor) => {
        const ratio = (this.scores[sensor] as number) / limit;
        if (ratio > 1) alarms.push({ check: check.name, sensor, ratio });
      });
    });
    return alarms;
  }
}

/**
 * Thresholds by check and sensor, from rows of normal days: an extreme-value fit of the tail of each check's scores, never below the
 * greatest of them. The checks share the rate equally. It holds as far as what comes is like what was learned.
 * @param checks new ones; they have seen the rows afterwards
 * @param rate false alarms an instant, all checks and sensors together
 */
export function fitWatch(
  checks: readonly Check[],
  rows: readonly Float64Array[],
  rate: number,
): Float64Array[] {
  const sensors = rows[0]?.length ?? 0;
  const seen = checks.map(() => Array.from({ length: sensors }, () => new Float64Array(rows.length)));
  const scores = new Float64Array(sensors);
  rows.forEach((row, i) => {
    checks.forEach((check, index) => {
      check.push(row, scores);
      seen[index]?.forEach((sample, j) => (sample[i] = scores[j] as number));
    });
  });
  const own = rate / checks.length / sensors;
  return checks.map(({ pooled }, index) => {
    const samples = seen[index] as Float64Array[];
    if (!pooled) return Float64Array.from(samples, (sample) => threshold(sample, own));
    const all = new Float64Array(rows.length * sensors);
    samples.forEach((sample, j) => all.set(sample, j * rows.length));
    return new Float64Array(sensors).fill(threshold(all, own));
  });
}

/** @throws LinnetError `data.empty` for fewer than some 500 scores */
function threshold(sample: Float64Array, rate: number): number {
  const greatest = sample.reduce((a, b) => Math.max(a, b), 0);
  return Math.max(greatest, tailQuantile(fitTail(sample), rate));
}
