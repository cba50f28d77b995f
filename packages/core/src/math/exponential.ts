import type { Statistic } from './statistic.ts';

/**
 * Exponentially weighted mean, as River 0.26.1 `stats.EWMean`. The first value is the mean; 0 before it.
 */
export class EwMean implements Statistic {
  readonly state: readonly Float64Array[];
  private readonly fading: number;
  /** The mean, and 1 once there was a value. */
  private readonly held = new Float64Array(2);

  /** @param fading weight of the newest value, 0 to 1: the closer to 1, the faster it forgets */
  constructor(fading: number) {
    this.fading = fading;
    this.state = [this.held];
  }

  get value(): number {
    return this.held[0] as number;
  }

  update(x: number): void {
    this.held[0] = this.held[1] === 0 ? x : this.fading * x + (1 - this.fading) * this.value;
    this.held[1] = 1;
  }
}

/**
 * Exponentially weighted variance, as River 0.26.1 `stats.EWVar`: the mean of squares less the square of the mean. Where
 * the mean is large beside the spread the difference cancels; then it may come out slightly below 0, as in River.
 */
export class EwVariance implements Statistic {
  readonly mean: EwMean;
  readonly state: readonly Float64Array[];
  private readonly squares: EwMean;

  /** @param fading weight of the newest value, 0 to 1 */
  constructor(fading: number) {
    this.mean = new EwMean(fading);
    this.squares = new EwMean(fading);
    this.state = [...this.mean.state, ...this.squares.state];
  }

  get value(): number {
    return this.squares.value - this.mean.value * this.mean.value;
  }

  update(x: number): void {
    this.mean.update(x);
    this.squares.update(x * x);
  }
}
