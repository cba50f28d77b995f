import { assert } from '../base/error.ts';
import type { Rng } from '../base/rng.ts';
import { Mt19937 } from './mt19937.ts';

/**
 * The draws of CPython's `random.Random(seed)`, which River uses; equal to the bit to CPython 3.11.
 *
 * ```ts
 * new PythonRandom(42).random(); // 0.6394267984578837
 * ```
 */
export class PythonRandom implements Rng {
  private twister: Mt19937;

  /** @param seed a safe integer */
  constructor(seed: number) {
    this.twister = Mt19937.fromPythonSeed(seed);
  }

  /** Uniform in [0, 1). */
  random(): number {
    return this.twister.random();
  }

  /** `uniform(low, high)`. */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.twister.random();
  }

  /** `choices(range(len(weights)), weights)[0]`: an index, drawn in proportion to its weight. */
  choice(weights: readonly number[]): number {
    let total = 0;
    const cumulative = weights.map((weight) => (total += weight));
    const at = this.twister.random() * total;
    const last = weights.length - 1;
    const index = cumulative.findIndex((sum) => at < sum);
    return index < 0 || index > last ? last : index;
  }

  /** `sample(range(n), k)`: k different numbers of 0 .. n - 1 in random order. */
  sample(n: number, k: number): Int32Array<ArrayBuffer> {
    assert(k >= 0 && k <= n, 'a sample is no larger than its population');
    const poolMax = k > 5 ? 21 + 4 ** Math.ceil(Math.log(k * 3) / Math.log(4)) : 21;
    return n <= poolMax ? this.samplePool(n, k) : this.sampleSet(n, k);
  }

  /** 624 words and an index: what `restoreState` takes. */
  state(): Uint32Array<ArrayBuffer> {
    return this.twister.state();
  }

  restoreState(state: ArrayLike<number>): void {
    this.twister = Mt19937.fromState(state);
  }

  private samplePool(n: number, k: number): Int32Array<ArrayBuffer> {
    const pool = Int32Array.from({ length: n }, (_, i) => i);
    const sample = new Int32Array(k);
    for (let i = 0; i < k; i++) {
      const j = this.below(n - i);
      sample[i] = pool[j] as number;
      pool[j] = pool[n - i - 1] as number;
    }
    return sample;
  }

  private sampleSet(n: number, k: number): Int32Array<ArrayBuffer> {
    const seen = new Set<number>();
    const sample = new Int32Array(k);
    for (let i = 0; i < k; i++) {
      let j = this.below(n);
      while (seen.has(j)) j = this.below(n);
      seen.add(j);
      sample[i] = j;
    }
    return sample;
  }

  /** `_randbelow(n)` for 1 <= n < 2^31: the top bits of words, as many as n has, until one is below n. */
  private below(n: number): number {
    const shift = Math.clz32(n);
    for (;;) {
      const value = this.twister.uint32() >>> shift;
      if (value < n) return value;
    }
  }
}
