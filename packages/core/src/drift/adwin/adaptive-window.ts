import { assert } from '../../base/error.ts';
import type { Remembering } from '../../math/statistic.ts';

/** Rows of buckets: row i holds buckets of 2^i values, so that 40 rows outlast any stream. */
const ROWS_MAX = 40;

export interface AdaptiveWindowParams {
  readonly delta: number;
  readonly clock: number;
  readonly bucketsMax: number;
  readonly partMin: number;
  readonly grace: number;
}

/**
 * The window of ADWIN: an exponential histogram of totals and squared deviations, the newest values in row 0, the oldest
 * bucket first in each row. The order of operations is River's, so that the sums are equal to the bit.
 */
export class AdaptiveWindow implements Remembering {
  readonly state: readonly Float64Array[];
  private readonly params: AdaptiveWindowParams;
  /** Buckets that a row can hold before two are merged. */
  private readonly room: number;
  private readonly totals: Float64Array;
  private readonly variances: Float64Array;
  /** Buckets in each row. */
  private readonly used = new Float64Array(ROWS_MAX);
  /** Width, total, variance, values since the start. */
  private readonly sums = new Float64Array(4);

  constructor(params: AdaptiveWindowParams) {
    this.params = params;
    this.room = params.bucketsMax + 1;
    this.totals = new Float64Array(ROWS_MAX * this.room);
    this.variances = new Float64Array(ROWS_MAX * this.room);
    this.state = [this.sums, this.used, this.totals, this.variances];
  }

  get width(): number {
    return this.sums[0] as number;
  }

  get total(): number {
    return this.sums[1] as number;
  }

  get variance(): number {
    return this.sums[2] as number;
  }

  reset(): void {
    for (const values of this.state) values.fill(0);
  }

  insert(value: number): void {
    const { sums, width, total } = this;
    this.append(0, value, 0);
    sums[0] = width + 1;
    if (width > 0) {
      const delta = value - total / width;
      sums[2] = this.variance + (width * delta * delta) / (width + 1);
    }
    sums[1] = total + value;
    for (let row = 0; this.used[row] === this.room; row++) this.merge(row);
  }

  /** Drops the oldest buckets while the window falls into two parts of different mean; true if it dropped any. */
  cut(): boolean {
    const { clock, grace } = this.params;
    const tick = (this.sums[3] as number) + 1;
    this.sums[3] = tick;
    if (tick % clock !== 0 || this.width <= grace) return false;
    let dropped = false;
    while (this.fallsApart()) {
      this.dropOldest();
      dropped = true;
    }
    return dropped;
  }

  private fallsApart(): boolean {
    const { used, totals, room } = this;
    const { partMin } = this.params;
    let [oldWidth, newWidth, oldTotal, newTotal] = [0, this.width, 0, this.total];
    for (let row = this.rows() - 1; row >= 0; row--) {
      const size = 2 ** row;
      for (let bucket = 0; bucket < (used[row] as number); bucket++) {
        oldWidth += size;
        newWidth -= size;
        oldTotal += totals[row * room + bucket] as number;
        newTotal -= totals[row * room + bucket] as number;
        if (row === 0 && bucket === (used[0] as number) - 1) return false;
        if (newWidth < partMin || oldWidth < partMin) continue;
        if (this.differ(oldWidth, newWidth, oldTotal / oldWidth - newTotal / newWidth)) return true;
      }
    }
    return false;
  }

  private differ(oldWidth: number, newWidth: number, difference: number): boolean {
    const { delta, partMin } = this.params;
    const { width, variance } = this;
    const confidence = Math.log((2 * Math.log(width)) / delta);
    const harmonic = 1 / (oldWidth - partMin + 1) + 1 / (newWidth - partMin + 1);
    const bound = Math.sqrt(2 * harmonic * (variance / width) * confidence) + (2 / 3) * confidence * harmonic;
    return Math.abs(difference) > bound;
  }

  private dropOldest(): void {
    const { sums, totals, variances, room } = this;
    const row = this.rows() - 1;
    const size = 2 ** row;
    const total = totals[row * room] as number;
    const width = this.width - size;
    const rest = this.total - total;
    const gap = total / size - rest / width;
    const lost = (variances[row * room] as number) + (size * width * gap * gap) / (size + width);
    sums[0] = width;
    sums[1] = rest;
    sums[2] = this.variance - lost;
    this.shift(row, 1);
  }

  private append(row: number, total: number, variance: number): void {
    assert(row < ROWS_MAX, 'an adaptive window holds fewer than 2^40 values');
    const at = row * this.room + (this.used[row] as number);
    this.totals[at] = total;
    this.variances[at] = variance;
    this.used[row] = (this.used[row] as number) + 1;
  }

  /** Makes one bucket of the next row from the two oldest of a full row. */
  private merge(row: number): void {
    const at = row * this.room;
    const size = 2 ** row;
    const [first, second] = [this.totals[at] as number, this.totals[at + 1] as number];
    const gap = first / size - second / size;
    const between = size * 0.5 * gap * gap;
    const within = (this.variances[at] as number) + (this.variances[at + 1] as number);
    this.append(row + 1, first + second, within + between);
    this.shift(row, 2);
  }

  private shift(row: number, count: number): void {
    const at = row * this.room;
    const end = at + (this.used[row] as number);
    for (const values of [this.totals, this.variances]) {
      values.copyWithin(at, at + count, end);
      values.fill(0, end - count, end);
    }
    this.used[row] = (this.used[row] as number) - count;
  }

  private rows(): number {
    let rows = ROWS_MAX;
    while (rows > 1 && this.used[rows - 1] === 0) rows--;
    return rows;
  }
}
