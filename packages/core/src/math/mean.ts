import type { Reversible } from './rolling.ts';

/** Running mean, in the order of operations of River 0.26.1 `stats.Mean` (West, 1979). 0 before the first value. */
export class Mean implements Reversible {
  readonly state: readonly Float64Array[];
  private readonly moments = new Float64Array(2);

  constructor() {
    this.state = [this.moments];
  }

  get n(): number {
    return this.moments[0] as number;
  }

  get value(): number {
    return this.moments[1] as number;
  }

  update(x: number): void {
    const n = this.n + 1;
    this.moments[0] = n;
    this.moments[1] = this.value + (1 / n) * (x - this.value);
  }

  /** Takes back a value that was learned. */
  revert(x: number): void {
    const n = this.n - 1;
    this.moments[0] = n;
    this.moments[1] = n === 0 ? 0 : this.value - (1 / n) * (x - this.value);
  }

  reset(): void {
    this.moments.fill(0);
  }
}
