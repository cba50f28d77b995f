import { knnImputer, type BatchImputer } from '@linnet/core';
class MeanImputer implements BatchImputer {
  m: number[] = [];
  c = 0;
  fit(x: Float64Array, rows: number, columns: number) {
    this.c = columns;
    for (let c = 0; c < columns; c++) {
      let s = 0,
        n = 0;
      for (let r = 0; r < rows; r++) {
        const v = x[r * columns + c]!;
        if (v === v) {
          s += v;
          n++;
        }
      }
      this.m[c] = s / n;
    }
  }
  transform(x: Float64Array) {
    return x.map((v, i) => (v === v ? v : this.m[i % this.c]!));
  }
}
import type { OnProgress } from './detect.ts';
import type { Job } from './job.ts';

const BLOCK = 4096;

interface Filled {
  readonly x: Float64Array<ArrayBuffer>;
  /** Cells that were filled in. */
  readonly imputed: number;
}

/** The matrix without its gaps, or as it is where they are to be left. */
export function fillGaps({ x, rows, columns, method }: Job, onProgress: OnProgress): Filled {
  const gaps = x.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0);
  if (method.impute === 'none' || gaps === 0) return { x, imputed: 0 };
  onProgress('imputing', 0);
  const imputer: BatchImputer =
    method.impute === 'mean' ? new MeanImputer() : knnImputer({ neighbors: method.neighbors }).create();
  imputer.fit(x, rows, columns);
  const filled = new Float64Array(x.length);
  for (let row = 0; row < rows; row += BLOCK) {
    const end = Math.min(rows, row + BLOCK);
    filled.set(imputer.transform(x.subarray(row * columns, end * columns), end - row), row * columns);
    onProgress('imputing', end / rows);
  }
  return { x: filled, imputed: gaps };
}
