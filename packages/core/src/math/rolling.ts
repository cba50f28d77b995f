import type { Statistic } from './statistic.ts';

/** A statistic that can take back the oldest value of a window. */
export interface Reversible extends Statistic {
  revert(x: number): void;
  reset(): void;
}

/**
 * A statistic over the last `size` values, as River 0.26.1 `utils.Rolling`: the oldest is taken back, then the new one
 * learned.
 *
 * Departure: what is taken back leaves rounding errors behind, and after a huge value nothing else. So each time the window
 * has been replaced as a whole, the statistic is made anew from its values; the results differ from River's by rounding.
 */
export class Rolling<S extends Reversible> implements Statistic {
  readonly statistic: S;
  readonly state: readonly Float64Array[];
  private readonly ring: Float64Array;
  /** Number of values held, and where the next one goes. */
  private readonly position = new Float64Array(2);

  constructor(statistic: S, size: number) {
    this.statistic = statistic;
    this.ring = new Float64Array(size);
    this.state = [this.position, this.ring, ...statistic.state];
  }

  get value(): number {
    return this.statistic.value;
  }

  update(x: number): void {
    const { ring, position, statistic } = this;
    const held = position[0] as number;
    const next = position[1] as number;
    if (held === ring.length) statistic.revert(ring[next] as number);
    else position[0] = held + 1;
    ring[next] = x;
    if (next + 1 < ring.length) {
      position[1] = next + 1;
      statistic.update(x);
    } else {
      position[1] = 0;
      statistic.reset();
      for (let i = 0; i < ring.length; i++) statistic.update(ring[i] as number);
    }
  }
}
