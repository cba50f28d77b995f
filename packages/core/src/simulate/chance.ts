import { PythonRandom } from '../random/python-random.ts';

/** Chance for one purpose: what is drawn for one sensor does not depend on how many there are, or what else is drawn. */
export class Chance {
  private readonly source: PythonRandom;

  constructor(seed: number, purpose: string) {
    let hash = 0x811c9dc5;
    for (const letter of `${seed}/${purpose}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
    this.source = new PythonRandom(hash >>> 0);
  }

  uniform(low: number, high: number): number {
    return this.source.uniform(low, high);
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.source.random() * (high - low + 1));
  }

  one<T>(of: readonly [T, ...T[]] | readonly T[]): T {
    return of[this.integer(0, of.length - 1)] as T;
  }

  /** Normal with mean 0 and deviation 1 (Box and Muller, 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.source.random()));
    return radius * Math.cos(2 * Math.PI * this.source.random());
  }
}
