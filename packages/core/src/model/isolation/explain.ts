import type { IsolationTree } from './tree.ts';
import { childOf } from './walk.ts';

/**
 * By column, how many steps the row's path is shorter, on average over the trees, than a training row's, on account of the
 * cuts in that column: at each node of its path, the mean path length of the training rows that reached it, less that of
 * those on the side that the row took. The entries add up to the training rows' mean path less the row's own.
 *
 * Saabas, "Interpreting random forests", 2014, on path lengths instead of votes.
 */
export function explainRow(
  trees: readonly IsolationTree[],
  expected: readonly Float64Array[],
  row: Float32Array,
): Float64Array {
  const gains = new Float64Array(row.length);
  trees.forEach((tree, i) => {
    const mean = expected[i] as Float64Array;
    let at = 0;
    for (let feature = tree.feature[at] as number; feature >= 0; feature = tree.feature[at] as number) {
      const next = childOf(tree, at, row[feature] as number);
      gains[feature] = (gains[feature] as number) + (mean[at] as number) - (mean[next] as number);
      at = next;
    }
  });
  return gains.map((gain) => gain / trees.length);
}

/** By node, the mean path length of the training rows that reached it. */
export function expectedLengths(tree: IsolationTree, lengths: Float64Array): Float64Array {
  const { left, right, size } = tree;
  const mean = lengths.slice();
  for (let node = mean.length - 1; node >= 0; node--) {
    const [a, b] = [left[node] as number, right[node] as number];
    if (a < 0) continue;
    const sum = (mean[a] as number) * (size[a] as number) + (mean[b] as number) * (size[b] as number);
    mean[node] = sum / (size[node] as number);
  }
  return mean;
}
