import type { Statistic } from './statistic.ts';

/** Median of the last `size` values, and the median of their distances to it; both exact. NaN before the first value. */
export class RollingMedian implements Statistic {
  readonly state: readonly Float64Array[];
  private readonly ring: Float64Array;
  private readonly sorted: Float64Array;
  /** Number of values held, and where the next one goes. */
  private readonly position = new Float64Array(2);

  constructor(size: number) {
    this.ring = new Float64Array(size);
    this.sorted = new Float64Array(size);
    this.state = [this.position, this.ring, this.sorted];
  }

  get value(): number {
    const n = this.position[0] as number;
    return n === 0 ? NaN : ((this.sorted[(n - 1) >> 1] as number) + (this.sorted[n >> 1] as number)) / 2;
  }

  /** Median absolute deviation. The distances grow outwards from the median, so that half of them are merged in order. */
  get deviation(): number {
    const { sorted, value: median } = this;
    const n = this.position[0] as number;
    let left = (n - 1) >> 1;
    let right = left + 1;
    let [before, at] = [NaN, NaN];
    for (let taken = 0; taken <= n >> 1; taken++) {
      const below = left >= 0 ? median - (sorted[left] as number) : Infinity;
      const above = right < n ? (sorted[right] as number) - median : Infinity;
      before = at;
      at = Math.min(below, above);
      if (below <= above) left--;
      else right++;
    }
    return n % 2 === 1 ? at : (before + at) / 2;
  }

  update(x: number): void {
    const { ring, sorted, position } = this;
    let n = position[0] as number;
    const next = position[1] as number;
    if (n === ring.length) {
      const gone = this.rank(ring[next] as number, n);
      sorted.copyWithin(gone, gone + 1, n);
      n--;
    }
    const rank = this.rank(x, n);
    sorted.copyWithin(rank + 1, rank, n);
    sorted[rank] = x;
    ring[next] = x;
    position[0] = n + 1;
    position[1] = (next + 1) % ring.length;
  }

  /** How many of the first `n` sorted values are below x. */
  private rank(x: number, n: number): number {
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle] as number) < x) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
