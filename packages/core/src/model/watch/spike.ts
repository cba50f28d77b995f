import type { Check } from './check.ts';

/** A spike: how far a single value stands out from the measured ones before and after it; told one instant later. */
export class Spike implements Check {
  readonly name = 'spike';
  readonly pooled = true;
  private readonly before: Float64Array;
  private readonly middle: Float64Array;

  constructor(sensors: number) {
    this.before = new Float64Array(sensors).fill(Number.NaN);
    this.middle = new Float64Array(sensors).fill(Number.NaN);
  }

  push(row: Float64Array, scores: Float64Array): void {
    for (let j = 0; j < row.length; j++) {
      const value = row[j] as number;
      scores[j] = 0;
      if (Number.isNaN(value)) continue;
      const middle = this.middle[j] as number;
      const [up, down] = [middle - (this.before[j] as number), middle - value];
      if (up * down > 0) scores[j] = Math.min(Math.abs(up), Math.abs(down));
      this.before[j] = middle;
      this.middle[j] = value;
    }
  }
}
