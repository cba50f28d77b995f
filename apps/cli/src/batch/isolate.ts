import { isolationForest } from '@linnet/core';
import { stopwatch, type OnProgress, type Verdict } from './detect.ts';
import type { Job } from './job.ts';

const BLOCK = 16_384;
/** A column is named as a reason when it shortens the path by at least this share of what the strongest does. */
const RELEVANT = 0.25;
const REASONS_MAX = 6;

/** Scores every row by an isolation forest grown from all of them. */
export function isolate({ x, rows, columns, method }: Job, onProgress: OnProgress): Verdict {
  const { trees, seed, threshold } = method;
  const contamination = threshold === undefined ? method.contamination : 'auto';
  onProgress('growing trees');
  const clock = stopwatch();
  const forest = isolationForest({ trees, seed, contamination }).create();
  forest.fit(x, rows, columns);
  const fitSeconds = clock();
  const scores = new Float64Array(rows);
  for (let row = 0; row < rows; row += BLOCK) {
    onProgress('scoring', row / rows);
    const end = Math.min(rows, row + BLOCK);
    scores.set(forest.scoreSamples(x.subarray(row * columns, end * columns), end - row), row);
  }
  const offset = threshold ?? forest.offset;
  return {
    scores,
    anomalous: Uint8Array.from(scores, (score) => Number(score < offset)),
    offset,
    fitSeconds,
    explain: (row) => strongest(forest.explain(x.subarray(row * columns, (row + 1) * columns))),
  };
}

/** Columns by what they add to the isolation; those that add little beside the first are left out. */
function strongest(gains: Float64Array): number[] {
  const order = Array.from(gains.keys()).toSorted((a, b) => (gains[b] as number) - (gains[a] as number));
  const least = (gains[order[0] as number] as number) * RELEVANT;
  return order
    .filter((column, rank) => rank === 0 || (gains[column] as number) >= least)
    .slice(0, REASONS_MAX);
}
