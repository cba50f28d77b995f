import { PythonRandom } from '../random/python-random.ts';

/** Rows of a quiet series within 0 .. 1, some of them far off. */
export interface MarkedSeries {
  readonly rows: readonly Float64Array[];
  readonly isAnomaly: readonly boolean[];
}

const ANOMALY_EVERY = 47;

/** A slow swing around 0.5 with noise in each column; from the second quarter on every 47th row jumps in all columns. */
export function markedSeries(length: number, columns: number, seed: number): MarkedSeries {
  const rng = new PythonRandom(seed);
  const rows: Float64Array[] = [];
  const isAnomaly: boolean[] = [];
  for (let i = 0; i < length; i++) {
    const anomaly = i > length / 4 && i % ANOMALY_EVERY === 0;
    const jump = anomaly ? rng.uniform(0.3, 0.45) * (rng.random() < 0.5 ? -1 : 1) : 0;
    rows.push(
      Float64Array.from({ length: columns }, (_, column) => {
        const noise = rng.random() + rng.random() - 1;
        return 0.5 + 0.05 * Math.sin(i / 40 + column) + 0.03 * noise + jump;
      }),
    );
    isAnomaly.push(anomaly);
  }
  return { rows, isAnomaly };
}
