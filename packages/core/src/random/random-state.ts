import { assert } from '../base/error.ts';
import type { Rng } from '../base/rng.ts';
import { Mt19937 } from './mt19937.ts';

/**
 * The draws of NumPy's legacy `RandomState(seed)`, which scikit-learn uses; equal to the bit to NumPy 2.4.6.
 *
 * ```ts
 * new RandomState(42).randint(2 ** 31 - 1); // 1608637542
 * ```
 */
export class RandomState implements Rng {
  private readonly twister: Mt19937;

  /** @param seed 0 .. 2^32 - 1 */
  constructor(seed: number) {
    this.twister = Mt19937.fromInteger(seed);
  }

  /** Uniform in [0, 1): `random_sample()`, and `uniform()` without limits. */
  random(): number {
    return this.twister.random();
  }

  /** Uniform in 0 .. high - 1, for 1 <= high <= 2^32. */
  randint(high: number): number {
    assert(high >= 1 && high <= 2 ** 32, 'randint draws from 1 to 2^32 values');
    return this.upTo(high - 1);
  }

  /** A random order of 0 .. n - 1; of it the first `count`. */
  permutation(n: number, count = n): Int32Array<ArrayBuffer> {
    const partner = new Int32Array(n);
    this.twister.fillFalling(partner);
    // The shuffle changes place i with place partner[i], from the last i down. Looked at backwards, from i = 1 up, each of the
    // first places is traced to the number that comes to it, and the many others need not be moved at all.
    const from = new Int32Array(count);
    const placeAt = new Int32Array(n).fill(-1);
    for (let i = 0; i < count; i++) {
      const j = partner[i] as number;
      placeAt[i] = i;
      swap(placeAt, i, j);
    }
    for (let i = count; i < n; i++) {
      const j = partner[i] as number;
      const place = placeAt[j] as number;
      if (place < 0) continue;
      placeAt[j] = -1;
      placeAt[i] = place;
    }
    for (let i = 0; i < n; i++) {
      const place = placeAt[i] as number;
      if (place >= 0) from[place] = i;
    }
    return from;
  }

  /**
   * `sklearn.utils.random.sample_without_replacement(n, k)`, method "auto": k different numbers of 0 .. n - 1, in the order
   * of scikit-learn 1.9.1. Draws nothing when k = n.
   */
  sampleWithoutReplacement(n: number, k: number): Int32Array<ArrayBuffer> {
    assert(k >= 0 && k <= n, 'a sample without replacement is no larger than its population');
    const ratio = n === 0 ? 1 : k / n;
    if (ratio > 0.01 && ratio < 0.99) return this.permutation(n, k);
    return ratio < 0.2 ? this.trackingSelection(n, k) : this.reservoir(n, k);
  }

  private trackingSelection(n: number, k: number): Int32Array<ArrayBuffer> {
    const seen = new Set<number>();
    const sample = new Int32Array(k);
    for (let i = 0; i < k; i++) {
      let j = this.randint(n);
      while (seen.has(j)) j = this.randint(n);
      seen.add(j);
      sample[i] = j;
    }
    return sample;
  }

  private reservoir(n: number, k: number): Int32Array<ArrayBuffer> {
    const sample = new Int32Array(k);
    for (let i = 0; i < k; i++) sample[i] = i;
    for (let i = k; i < n; i++) {
      const j = this.randint(i + 1);
      if (j < k) sample[j] = i;
    }
    return sample;
  }

  /** Masked rejection: words cut to the bits of `max` until one is not above it. No draw for max = 0. */
  private upTo(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.twister.uint32() & mask) >>> 0;
      if (value <= max) return value;
    }
  }
}

function swap(array: Int32Array, i: number, j: number): void {
  const held = array[i] as number;
  array[i] = array[j] as number;
  array[j] = held;
}
