import type { Statistic } from './statistic.ts';

const MARKERS = 5;

/**
 * Running quantile in 136 bytes by the P² algorithm, in the order of operations of River 0.26.1 `stats.Quantile`:
 * five markers, moved by parabolas. Exact for up to five values, NaN before the first.
 *
 * Jain and Chlamtac, The P² algorithm for dynamic calculation of quantiles and histograms without storing observations, 1985.
 */
export class RunningQuantile implements Statistic {
  readonly state: readonly Float64Array[];
  private readonly q: number;
  private readonly heights = new Float64Array(MARKERS);
  private readonly position = Float64Array.of(1, 2, 3, 4, 5);
  private readonly wanted: Float64Array;
  /** Number of heights, and 1 once they are sorted markers. */
  private readonly start = new Float64Array(2);

  /** @param q above 0 and below 1 */
  constructor(q: number) {
    this.q = q;
    this.wanted = Float64Array.of(1, 1 + 2 * q, 1 + 4 * q, 3 + 2 * q, 5);
    this.state = [this.heights, this.position, this.wanted, this.start];
  }

  get value(): number {
    if (this.start[1] === 1) return this.heights[2] as number;
    const n = this.start[0] as number;
    if (n === 0) return NaN;
    const sorted = this.heights.subarray(0, n).toSorted();
    return sorted[Math.trunc(Math.min(n - 1, n * this.q))] as number;
  }

  update(x: number): void {
    const { heights, position, wanted, start, q } = this;
    const n = start[0] as number;
    if (n < MARKERS) {
      heights[n] = x;
      start[0] = n + 1;
      return;
    }
    if (start[1] === 0) {
      heights.sort();
      start[1] = 1;
    }
    for (let i = this.cell(x); i < MARKERS; i++) position[i] = (position[i] as number) + 1;
    wanted[1] = (wanted[1] as number) + q / 2;
    wanted[2] = (wanted[2] as number) + q;
    wanted[3] = (wanted[3] as number) + (1 + q) / 2;
    wanted[4] = (wanted[4] as number) + 1;
    for (let i = 1; i < MARKERS - 1; i++) this.adjust(i);
  }

  /** The first marker above a value; an extreme marker moves out to it. */
  private cell(x: number): number {
    const { heights } = this;
    if (x < (heights[0] as number)) {
      heights[0] = x;
      return 1;
    }
    for (let i = 1; i < MARKERS; i++) if (x < (heights[i] as number)) return i;
    heights[MARKERS - 1] = x;
    return MARKERS - 1;
  }

  private adjust(i: number): void {
    const { heights, position, wanted } = this;
    const [before, n, after] = [position[i - 1], position[i], position[i + 1]] as [number, number, number];
    const behind = (wanted[i] as number) - n;
    const forward = behind >= 1 && after - n > 1;
    if (!forward && !(behind <= -1 && before - n < -1)) return;
    const step = forward ? 1 : -1;
    const [low, height, high] = [heights[i - 1], heights[i], heights[i + 1]] as [number, number, number];
    const left = ((n - before + step) * (high - height)) / (after - n);
    const right = ((after - n - step) * (height - low)) / (n - before);
    const parabola = height + (step / (after - before)) * (left + right);
    const neighbour = i + step;
    heights[i] =
      low < parabola && parabola < high
        ? parabola
        : height + (step * ((heights[neighbour] as number) - height)) / ((position[neighbour] as number) - n);
    position[i] = n + step;
  }
}
