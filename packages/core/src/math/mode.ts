import type { Statistic } from './statistic.ts';

/** Different values that are counted: those that came first (River's default). */
const VALUES_MAX = 25;

/**
 * The most frequent value among the first 25 different ones, the earliest of equals, as River 0.26.1 `stats.Mode`.
 * NaN before the first value.
 */
export class Mode implements Statistic {
  readonly state: readonly Float64Array[];
  private readonly values = new Float64Array(VALUES_MAX);
  /** 0 marks an entry that is free. */
  private readonly counts = new Float64Array(VALUES_MAX);

  constructor() {
    this.state = [this.values, this.counts];
  }

  get value(): number {
    let best = 0;
    for (let i = 1; i < VALUES_MAX; i++)
      if ((this.counts[i] as number) > (this.counts[best] as number)) best = i;
    return this.counts[best] === 0 ? NaN : (this.values[best] as number);
  }

  update(x: number): void {
    const { values, counts } = this;
    for (let i = 0; i < VALUES_MAX; i++) {
      if (counts[i] !== 0 && values[i] !== x) continue;
      values[i] = x;
      counts[i] = (counts[i] as number) + 1;
      return;
    }
  }
}
