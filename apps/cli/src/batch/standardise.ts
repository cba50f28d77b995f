import { stopwatch, type OnProgress, type Verdict } from './detect.ts';
import type { Job } from './job.ts';

/** Scores a row by its greatest |z|: how many standard deviations of a column a value lies from the column's mean. */
export function standardise({ x, rows, columns, method }: Job, onProgress: OnProgress): Verdict {
  const threshold = method.threshold ?? Infinity;
  onProgress('scoring');
  const clock = stopwatch();
  const means = new Float64Array(columns);
  const counts = new Float64Array(columns);
  each((value, column) => {
    means[column]! += value;
    counts[column]!++;
  });
  for (let c = 0; c < columns; c++) means[c]! /= counts[c]!;
  const deviations = new Float64Array(columns);
  each((value, column) => {
    deviations[column]! += (value - means[column]!) ** 2;
  });
  for (let c = 0; c < columns; c++) deviations[c] = Math.sqrt(deviations[c]! / counts[c]!) || 1;
  const fitSeconds = clock();
  const scores = new Float64Array(rows).fill(Number.NaN);
  each((value, column, row) => {
    const z = Math.abs(value - means[column]!) / deviations[column]!;
    if (!(z <= scores[row]!)) scores[row] = z;
  });
  function each(work: (value: number, column: number, row: number) => void) {
    for (let i = 0; i < x.length; i++)
      if (!Number.isNaN(x[i])) work(x[i]!, i % columns, Math.floor(i / columns));
  }
  const zs = (row: number) =>
    Array.from({ length: columns }, (_, c) => Math.abs(x[row * columns + c]! - means[c]!) / deviations[c]!);
  return {
    scores,
    anomalous: Uint8Array.from(scores, (score) => Number(score > threshold)),
    offset: threshold,
    fitSeconds,
    explain: (row) => {
      const z = zs(row);
      return [...z.keys()].filter((c) => z[c]! > threshold).toSorted((a, b) => z[b]! - z[a]!);
    },
  };
}
