import { Mean } from './mean.ts';
import type { Reversible } from './rolling.ts';

/**
 * Running variance by Welford's algorithm, in the order of operations of River 0.26.1 `stats.Var`.
 * 0 until there are more values than `ddof`.
 */
export class Variance implements Reversible {
  readonly mean = new Mean();
  readonly state: readonly Float64Array[];
  private readonly ddof: number;
  private readonly squares = new Float64Array(1);

  /** @param ddof the divisor is n - ddof: 1 for a sample, 0 for a population */
  constructor(ddof = 1) {
    this.ddof = ddof;
    this.state = [...this.mean.state, this.squares];
  }

  get n(): number {
    return this.mean.n;
  }

  get value(): number {
    return this.n > this.ddof ? (this.squares[0] as number) / (this.n - this.ddof) : 0;
  }

  update(x: number): void {
    const before = this.mean.value;
    this.mean.update(x);
    this.squares[0] = (this.squares[0] as number) + (x - before) * (x - this.mean.value);
  }

  /** Takes back a value that was learned. */
  revert(x: number): void {
    const before = this.mean.value;
    this.mean.revert(x);
    this.squares[0] = (this.squares[0] as number) - (x - before) * (x - this.mean.value);
  }

  reset(): void {
    this.mean.reset();
    this.squares[0] = 0;
  }
}
