import type { Job, Reason } from './job.ts';

/** By column, the 1st and the 99th percentile: found when a column is first asked for, and once. */
export class UsualRanges {
  private readonly job: Job;
  private readonly ranges = new Map<number, readonly [low: number, high: number]>();

  constructor(job: Job) {
    this.job = job;
  }

  reason(row: number, column: number): Reason {
    const { x, columns } = this.job;
    const [low, high] = this.range(column);
    return { column, value: x[row * columns + column] as number, low, high };
  }

  private range(column: number): readonly [number, number] {
    const known = this.ranges.get(column);
    if (known !== undefined) return known;
    const { x, rows, columns } = this.job;
    const values = new Float64Array(rows);
    for (let row = 0; row < rows; row++) values[row] = x[row * columns + column] as number;
    // Missing values sort to the end.
    const sorted = values.toSorted();
    const present = sorted.findLastIndex((value) => !Number.isNaN(value)) + 1;
    const at = (share: number) => sorted[Math.round(share * (present - 1))] as number;
    const range = [at(0.01), at(0.99)] as const;
    this.ranges.set(column, range);
    return range;
  }
}
