/** How rows go through the trees of an isolation forest: the fast walk, and the one for rows with missing values. */
import type { WalkTree } from '../../kernels/forest.ts';
import { averagePathLength } from './score.ts';
import type { IsolationTree } from './tree.ts';

/** A missing reading or an infinite one as NaN, any other as the 32-bit float that the trees compare. */
export function asReading(value: number): number {
  const single = Math.fround(value);
  return single - single === 0 ? single : NaN;
}

/** Where a value goes from a node that is no leaf; NaN is missing. */
export function childOf(tree: IsolationTree, node: number, value: number): number {
  const left = value <= (tree.threshold[node] as number) || (value !== value && tree.missingLeft[node] === 1);
  return (left ? tree.left[node] : tree.right[node]) as number;
}

/** The leaf of a row of `asReading` values. */
export function leafOf(tree: IsolationTree, row: ArrayLike<number>): number {
  let at = 0;
  for (let feature = tree.feature[at] as number; feature >= 0; feature = tree.feature[at] as number) {
    at = childOf(tree, at, row[feature] as number);
  }
  return at;
}

/**
 * What a walk that ends in each node has as its path length.
 * @param average mean path lengths by size that are known already, for trees of one forest to share
 */
export function pathLengths(tree: IsolationTree, average = new Map<number, number>()): Float64Array {
  const lengths = new Float64Array(tree.size.length);
  const depths = depthsOf(tree);
  for (let node = 0; node < lengths.length; node++) {
    const size = tree.size[node] as number;
    let known = average.get(size);
    if (known === undefined) average.set(size, (known = averagePathLength(size)));
    lengths[node] = (depths[node] as number) + 1 + known - 1;
  }
  return lengths;
}

/** The tree, with its path lengths, in the order and the precision that the fast walk needs. */
export function walkTree(tree: IsolationTree, lengths: Float64Array): WalkTree {
  const count = tree.feature.length;
  const order = new Int32Array(count);
  const feature = new Int32Array(count);
  const threshold = new Float32Array(count).fill(Infinity);
  const left = Int32Array.from({ length: count }, (_, i) => i);
  let known = 1;
  for (let at = 0; at < count; at++) {
    const node = order[at] as number;
    if ((tree.feature[node] as number) < 0) continue;
    feature[at] = tree.feature[node] as number;
    threshold[at] = singleBelow(tree.threshold[node] as number);
    left[at] = known;
    order[known++] = tree.left[node] as number;
    order[known++] = tree.right[node] as number;
  }
  const depth = depthsOf(tree).reduce((deepest, one) => Math.max(deepest, one), 0);
  return {
    depth,
    feature,
    threshold,
    left,
    value: Float64Array.from(order, (node) => lengths[node] as number),
  };
}

function depthsOf(tree: IsolationTree): Int32Array {
  const depths = new Int32Array(tree.feature.length);
  for (let node = 0; node < depths.length; node++) {
    if ((tree.feature[node] as number) < 0) continue;
    depths[tree.left[node] as number] = (depths[node] as number) + 1;
    depths[tree.right[node] as number] = (depths[node] as number) + 1;
  }
  return depths;
}

const single = new Float32Array(1);
const bits = new Int32Array(single.buffer);

/** The greatest 32-bit float not above a finite value: 32-bit floats compare with both alike. */
function singleBelow(value: number): number {
  single[0] = value;
  const rounded = single[0];
  if (rounded <= value) return rounded;
  // One step down: the bits of a positive float fall, those of a negative one rise. Zero cannot have rounded up to itself
  // from below but as -0, whose step down is the smallest negative.
  if (rounded === 0) return -(2 ** -149);
  bits[0] = (bits[0] as number) + (rounded > 0 ? -1 : 1);
  return single[0];
}
