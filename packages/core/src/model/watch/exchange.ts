import type { Check } from './check.ts';

/** Weight of the newest change in a sensor's usual change. */
const FADING = 0.03;

/**
 * Two sensors that are swapped: how much better a step of both is explained by each going on from the other's value than from
 * its own, in units of their usual changes.
 */
export class Exchange implements Check {
  readonly name = 'exchange';
  readonly pooled = true;
  private readonly floor: number;
  private readonly last: Float64Array;
  private readonly usual: Float64Array;

  /** @param floor a change that is nothing, added to the usual ones: else a still night makes thousandths count */
  constructor(sensors: number, floor: number) {
    this.floor = floor;
    this.last = new Float64Array(sensors).fill(Number.NaN);
    this.usual = new Float64Array(sensors).fill(floor);
  }

  push(row: Float64Array, scores: Float64Array): void {
    const { last, usual, floor } = this;
    scores.fill(0);
    for (let j = 0; j < row.length; j++) {
      for (let k = j + 1; k < row.length; k++) {
        const [a, b, wasA, wasB] = [row[j], row[k], last[j], last[k]] as [number, number, number, number];
        const gain = Math.abs(a - wasA) + Math.abs(b - wasB) - Math.abs(a - wasB) - Math.abs(b - wasA);
        const score = gain / ((usual[j] as number) + (usual[k] as number) + floor);
        if (score > (scores[j] as number)) scores[j] = score;
        if (score > (scores[k] as number)) scores[k] = score;
      }
    }
    for (let j = 0; j < row.length; j++) {
      const change = Math.abs((row[j] as number) - (last[j] as number));
      if (!Number.isNaN(change)) usual[j] = (usual[j] as number) + FADING * (change - (usual[j] as number));
      if (!Number.isNaN(row[j])) last[j] = row[j] as number;
    }
  }
}
