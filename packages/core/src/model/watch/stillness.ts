import type { Check } from './check.ts';

/** A sensor that is stuck: how many measured values in a row are the same. */
export class Stillness implements Check {
  readonly name = 'stillness';
  readonly pooled = true;
  private readonly last: Float64Array;
  private readonly run: Float64Array;

  constructor(sensors: number) {
    this.last = new Float64Array(sensors).fill(Number.NaN);
    this.run = new Float64Array(sensors);
  }

  push(row: Float64Array, scores: Float64Array): void {
    for (let j = 0; j < row.length; j++) {
      const value = row[j] as number;
      scores[j] = 0;
      if (Number.isNaN(value)) continue;
      this.run[j] = value === this.last[j] ? (this.run[j] as number) + 1 : 0;
      this.last[j] = value;
      scores[j] = this.run[j] as number;
    }
  }
}
