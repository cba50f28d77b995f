import { RunningQuantile } from './running-quantile.ts';
import type { Statistic } from './statistic.ts';

/**
 * Running median absolute deviation, as River 0.26.1 `stats.MAD`: the running median of the distances to the running median,
 * which moves meanwhile; so it is not quite the deviation of all values. NaN before the first value.
 */
export class Mad implements Statistic {
  readonly median = new RunningQuantile(0.5);
  readonly state: readonly Float64Array[];
  private readonly distance = new RunningQuantile(0.5);

  constructor() {
    this.state = [...this.median.state, ...this.distance.state];
  }

  get value(): number {
    return this.distance.value;
  }

  update(x: number): void {
    this.median.update(x);
    this.distance.update(Math.abs(x - this.median.value));
  }
}
