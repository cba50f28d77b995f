import { solveRidge } from '../../math/ridge.ts';
import type { Check } from './check.ts';

export interface DriftOptions {
  /** Instants of the means that are compared. */
  readonly mean: number;
  /** Instants from one mean to the other. */
  readonly apart: number;
  /** How much a weight costs, in squared units times instants. */
  readonly penalty: number;
}

/**
 * A drift: how far a sensor's slow change is from what the slow changes of the others say, by a linear model that is learned. Slow is
 * from one mean over `mean` instants to another, `apart` instants later.
 */
export class Drift implements Check {
  readonly name = 'drift';
  readonly pooled = false;
  private readonly weights: readonly Float64Array[];
  private readonly options: DriftOptions;
  private readonly changes: SlowChanges;
  private readonly change: Float64Array;

  constructor(weights: readonly Float64Array[], options: DriftOptions) {
    this.weights = weights;
    this.options = options;
    this.changes = new SlowChanges(weights.length, options);
    this.change = new Float64Array(weights.length);
  }

  /** Learns what a sensor's change is from the others' by the rows of normal days. */
  static learn(rows: Iterable<Float64Array>, sensors: number, options: DriftOptions): Drift {
    const changes = new SlowChanges(sensors, options);
    const seen: Float64Array[] = [];
    for (const row of rows) {
      const change = new Float64Array(sensors);
      if (changes.push(row, change)) seen.push(change);
    }
    const weights = Array.from({ length: sensors }, (_, j) =>
      solveRidge(
        seen.map((change) => inputs(change, j)),
        seen.map((change) => change[j] as number),
        options.penalty,
      ),
    );
    return new Drift(weights, options);
  }

  /** One that knows the same and has seen nothing. */
  fresh(): Drift {
    return new Drift(this.weights, this.options);
  }

  push(row: Float64Array, scores: Float64Array): void {
    scores.fill(0);
    const { change, weights } = this;
    if (!this.changes.push(row, change)) return;
    for (let j = 0; j < row.length; j++) {
      const own = weights[j] as Float64Array;
      const told = inputs(change, j).reduce((sum, x, i) => sum + x * (own[i] as number), 0);
      const off = Math.abs((change[j] as number) - told);
      scores[j] = Number.isNaN(row[j]) || Number.isNaN(off) ? 0 : off;
    }
  }
}

/** The others' changes, and 1. */
function inputs(change: Float64Array, j: number): Float64Array {
  const list = change.slice();
  list[j] = 1;
  return list;
}

/** Changes of running means; a missing value is the one before it. */
class SlowChanges {
  private readonly mean: number;
  private readonly ring: Float64Array;
  private readonly length: number;
  private readonly last: Float64Array;
  private count = 0;

  constructor(sensors: number, { mean, apart }: DriftOptions) {
    this.mean = mean;
    this.length = mean + apart;
    this.ring = new Float64Array(sensors * this.length).fill(Number.NaN);
    this.last = new Float64Array(sensors).fill(Number.NaN);
  }

  /** @returns false until there are enough rows */
  push(row: Float64Array, change: Float64Array): boolean {
    const { length, mean, ring, last } = this;
    for (let j = 0; j < row.length; j++) {
      if (!Number.isNaN(row[j])) last[j] = row[j] as number;
      ring[j * length + (this.count % length)] = last[j] as number;
    }
    this.count++;
    if (this.count < length) return false;
    for (let j = 0; j < row.length; j++) {
      let sum = 0;
      for (let i = 0; i < mean; i++) {
        sum += ring[j * length + ((this.count - 1 - i) % length)] as number;
        sum -= ring[j * length + ((this.count + i) % length)] as number;
      }
      change[j] = sum / mean;
    }
    return !change.some(Number.isNaN);
  }
}
