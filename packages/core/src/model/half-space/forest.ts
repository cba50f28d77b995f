import type { Range } from '../../base/param.ts';
import { PythonRandom } from '../../random/python-random.ts';

/** Half of a split lies no nearer to a limit than this share of the range, so that no half is too narrow (River's constant). */
const PADDING = 0.15;

export interface ForestShape {
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, Range>>;
  readonly trees: number;
  readonly height: number;
  readonly seed: number;
}

/**
 * The split points of a configuration: complete binary trees in heap order (root 1, children 2i and 2i + 1), one after
 * the other. They depend on nothing that is learned, so every key shares them.
 */
export interface Forest {
  readonly trees: number;
  readonly height: number;
  /** Leaves a tree: 2^height. */
  readonly leaves: number;
  /** Column of the vector at which a node splits; entry `tree * leaves + node`. */
  readonly column: Uint16Array;
  /** A value below it goes left; entry `tree * leaves + node`. */
  readonly threshold: Float64Array;
}

/** Draws the split points as River 0.26.1 does: depth first, left before right, features in sorted order. */
export function growForest({ features, limits, trees, height, seed }: ForestShape): Forest {
  const leaves = 2 ** height;
  const column = new Uint16Array(trees * leaves);
  const threshold = new Float64Array(trees * leaves);
  const rng = new PythonRandom(seed);
  const sorted = features.toSorted(byCodePoint);
  const low = sorted.map((name) => limits[name]?.[0] ?? 0);
  const high = sorted.map((name) => limits[name]?.[1] ?? 1);
  const columnOf = sorted.map((name) => features.indexOf(name));
  const split = (at: number, node: number) => {
    if (node >= leaves) return;
    const on = rng.choice(low.map((value, i) => (high[i] as number) - value));
    const [a, b] = [low[on] as number, high[on] as number];
    const cut = rng.uniform(a + PADDING * (b - a), b - PADDING * (b - a));
    column[at + node] = columnOf[on] as number;
    threshold[at + node] = cut;
    high[on] = cut;
    split(at, 2 * node);
    high[on] = b;
    low[on] = cut;
    split(at, 2 * node + 1);
    low[on] = a;
  };
  for (let tree = 0; tree < trees; tree++) split(tree * leaves, 1);
  return { trees, height, leaves, column, threshold };
}

/** Python's order of strings, which is not JavaScript's beyond the basic plane. */
function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i]?.codePointAt(0) as number) - (right[i]?.codePointAt(0) as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
