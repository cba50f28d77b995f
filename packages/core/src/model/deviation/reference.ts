import { Rolling } from '../../math/rolling.ts';
import { RollingMedian } from '../../math/rolling-median.ts';
import type { Remembering } from '../../math/statistic.ts';
import { Variance } from '../../math/variance.ts';

/** The standard deviation of a normal distribution is this many times its median absolute deviation. */
const SIGMA_PER_MAD = 1.4826022185056018;

/** What is normal for one feature: a centre and a spread around it, from past values. */
export interface Reference extends Remembering {
  update(x: number): void;
  readonly center: number;
  /** In the unit of the feature; 0 where all values are the same. */
  readonly spread: number;
}

/** Mean and standard deviation of all values. */
export class AllValues implements Reference {
  readonly state: readonly Float64Array[];
  private readonly variance: Variance;

  constructor(ddof: number) {
    this.variance = new Variance(ddof);
    this.state = this.variance.state;
  }

  get center(): number {
    return this.variance.mean.value;
  }

  get spread(): number {
    return Math.sqrt(this.variance.value);
  }

  update(x: number): void {
    this.variance.update(x);
  }
}

/** Mean and standard deviation of the last values. */
export class LastValues implements Reference {
  readonly state: readonly Float64Array[];
  private readonly rolling: Rolling<Variance>;

  constructor(window: number, ddof: number) {
    this.rolling = new Rolling(new Variance(ddof), window);
    this.state = this.rolling.state;
  }

  get center(): number {
    return this.rolling.statistic.mean.value;
  }

  get spread(): number {
    return Math.sqrt(Math.max(0, this.rolling.value));
  }

  update(x: number): void {
    this.rolling.update(x);
  }
}

/**
 * Exponentially weighted mean and standard deviation, by differences from the mean (Finch, Incremental calculation of
 * weighted mean and variance, 2009): EwVariance's mean of squares would cancel where the spread is small beside the level.
 */
export class FadingValues implements Reference {
  readonly state: readonly Float64Array[];
  private readonly fading: number;
  /** Mean, variance, and 1 once there was a value. */
  private readonly held = new Float64Array(3);

  constructor(fading: number) {
    this.fading = fading;
    this.state = [this.held];
  }

  get center(): number {
    return this.held[0] as number;
  }

  get spread(): number {
    return Math.sqrt(this.held[1] as number);
  }

  update(x: number): void {
    const { held, fading } = this;
    const difference = held[2] === 0 ? 0 : x - this.center;
    const step = fading * difference;
    held[0] = held[2] === 0 ? x : this.center + step;
    held[1] = (1 - fading) * ((held[1] as number) + difference * step);
    held[2] = 1;
  }
}

/** Median of the last values, and their median absolute deviation as a standard deviation. */
export class MedianOfLast implements Reference {
  readonly state: readonly Float64Array[];
  private readonly rolling: RollingMedian;

  constructor(window: number) {
    this.rolling = new RollingMedian(window);
    this.state = this.rolling.state;
  }

  get center(): number {
    return this.rolling.value;
  }

  get spread(): number {
    return SIGMA_PER_MAD * this.rolling.deviation;
  }

  update(x: number): void {
    this.rolling.update(x);
  }
}
