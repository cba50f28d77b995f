/** The largest value of `RandR.next`. */
export const RAND_R_MAX = 2147483647;

/**
 * `our_rand_r` of scikit-learn 1.9.1 (utils/_random.pxd): a xorshift of 32 bits, of which its trees use the low 31.
 * It stays one integer, so that trees can draw millions of numbers from thousands of generators.
 */
export class RandR {
  private state: number;

  /** @param seed 0 .. 2^32 - 1; 0 stands for 1, as in scikit-learn */
  constructor(seed: number) {
    this.state = seed | 0 || 1;
  }

  /** Uniform in 0 .. RAND_R_MAX. */
  next(): number {
    let state = this.state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.state = state;
    return state & RAND_R_MAX;
  }

  /** `rand_int(low, high)`: uniform in low .. high - 1. */
  integer(low: number, high: number): number {
    return low + (this.next() % (high - low));
  }

  /** `rand_uniform(low, high)`: uniform in low .. high, both ends included. */
  uniform(low: number, high: number): number {
    return ((high - low) * this.next()) / RAND_R_MAX + low;
  }
}
