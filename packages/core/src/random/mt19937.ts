import { LinnetError } from '../base/error.ts';
import type { Rng } from '../base/rng.ts';

const N = 624;
const M = 397;
const WORD = 2 ** 32;

/**
 * Mersenne Twister MT19937: the generator under CPython's `random` and NumPy's `RandomState`, which seed it in two ways
 * and draw from it in two ways (python-random.ts, random-state.ts).
 *
 * Matsumoto and Nishimura, 1998, mt19937ar.c. State: 2,500 bytes.
 */
export class Mt19937 implements Rng {
  private readonly words: Int32Array;
  private next: number;

  private constructor(words: Int32Array, next: number) {
    this.words = words;
    this.next = next;
  }

  /**
   * `init_genrand`: how NumPy's RandomState takes an integer seed.
   * @param seed 0 .. 2^32 - 1
   * @throws LinnetError `config.invalid` for any other seed
   */
  static fromInteger(seed: number): Mt19937 {
    checkSeed(seed, WORD - 1);
    return new Mt19937(initGenrand(seed), N);
  }

  /**
   * `init_by_array` of the seed's 32-bit words: how CPython's Random takes an integer seed. The sign is dropped, as there.
   * @throws LinnetError `config.invalid` unless the seed is a safe integer
   */
  static fromPythonSeed(seed: number): Mt19937 {
    checkSeed(Math.abs(seed), Number.MAX_SAFE_INTEGER);
    const high = Math.floor(Math.abs(seed) / WORD);
    const key = high === 0 ? [Math.abs(seed)] : [Math.abs(seed) % WORD, high];
    return new Mt19937(initByArray(key), N);
  }

  /** Goes on from a `state()`. */
  static fromState(state: ArrayLike<number>): Mt19937 {
    const next = state[N];
    if (state.length !== N + 1 || next === undefined || next > N) {
      throw new LinnetError('snapshot.invalid', `a state of MT19937 is ${N} words and an index up to ${N}`);
    }
    return new Mt19937(
      Int32Array.from({ length: N }, (_, i) => state[i] as number),
      next,
    );
  }

  /** 624 words and the index of the next one. */
  state(): Uint32Array<ArrayBuffer> {
    const state = new Uint32Array(N + 1);
    state.set(this.words);
    state[N] = this.next;
    return state;
  }

  /** Uniform in 0 .. 2^32 - 1. */
  uint32(): number {
    if (this.next === N) this.twist();
    return temper(this.words[this.next++] as number) >>> 0;
  }

  /** Uniform in [0, 1) with 53 bits, from two words. */
  random(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /**
   * A uniform number in 0 .. i for each i from the last index of `into` down to 1, by masked rejection: words cut to the
   * bits of i until one is not above it. The draws of a shuffle, without a branch on what was drawn.
   */
  fillFalling(into: Int32Array): void {
    let i = into.length - 1;
    while (i > 0) {
      const mask = 0xffffffff >>> Math.clz32(i);
      const below = mask >>> 1;
      while (i > below) {
        if (this.next === N) this.twist();
        const { words } = this;
        let { next } = this;
        for (; next < N && i > below; next++) {
          const value = temper(words[next] as number) & mask;
          into[i] = value;
          // One down, unless the value is above i and is overwritten by the next.
          i -= 1 + ((i - value) >> 31);
        }
        this.next = next;
      }
    }
  }

  private twist(): void {
    const { words } = this;
    let i = 0;
    for (; i < N - M; i++) words[i] = twisted(words, i, i + 1, i + M);
    for (; i < N - 1; i++) words[i] = twisted(words, i, i + 1, i + M - N);
    words[i] = twisted(words, i, 0, i + M - N);
    this.next = 0;
  }
}

function temper(word: number): number {
  let y = word ^ (word >>> 11);
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >>> 18);
}

function twisted(words: Int32Array, at: number, following: number, far: number): number {
  const y = ((words[at] as number) & 0x80000000) | ((words[following] as number) & 0x7fffffff);
  return (words[far] as number) ^ (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
}

function initGenrand(seed: number): Int32Array {
  const words = new Int32Array(N);
  words[0] = seed;
  for (let i = 1; i < N; i++) {
    const before = words[i - 1] as number;
    words[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
  }
  return words;
}

function initByArray(key: readonly number[]): Int32Array {
  const words = initGenrand(19650218);
  let i = 1;
  const advance = () => {
    if (++i < N) return;
    words[0] = words[N - 1] as number;
    i = 1;
  };
  const mixed = (factor: number) => {
    const before = words[i - 1] as number;
    return (words[i] as number) ^ Math.imul(before ^ (before >>> 30), factor);
  };
  for (let k = 0; k < Math.max(N, key.length); k++) {
    const j = k % key.length;
    words[i] = mixed(1664525) + (key[j] as number) + j;
    advance();
  }
  for (let k = 1; k < N; k++) {
    words[i] = mixed(1566083941) - i;
    advance();
  }
  words[0] = 0x80000000;
  return words;
}

function checkSeed(seed: number, max: number): void {
  if (Number.isInteger(seed) && seed >= 0 && seed <= max) return;
  throw new LinnetError('config.invalid', `seed ${seed} is not a whole number from 0 to ${max}`);
}
