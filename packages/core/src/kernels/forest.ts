/**
 * Walks of rows through binary trees whose test is `row[feature] <= threshold`, without a branch on the data: the two
 * children of a node lie side by side, and a leaf has itself as child, so that every walk takes the tree's full depth.
 */
import { forestWasm } from './forest.wasm.ts';
import { Kernel } from './kernel.ts';

/** A tree; node 0 is the root. A leaf tests column 0 against Infinity, and `left` is the leaf itself. */
export interface WalkTree {
  readonly depth: number;
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  /** What a walk that ends in this node adds to its row's sum. */
  readonly value: Float64Array;
}

interface ForestExports {
  walk(
    nodes: number,
    values: number,
    depth: number,
    rows: number,
    stride: number,
    count: number,
    sums: number,
  ): void;
}

/** The WebAssembly form; assembly/forest.ts. A node is 16 bytes: threshold f32, byte of the column in a row, left. */
export const forestKernel = new Kernel<ForestExports>(forestWasm);

/**
 * The TypeScript form: adds to `sums[i]` the value of the leaf where row i ends.
 * @param rows row-major, `columns` values a row, none of them NaN
 */
export function walkForest(tree: WalkTree, rows: Float32Array, columns: number, sums: Float64Array): void {
  const { depth, feature, threshold, left, value } = tree;
  for (let row = 0; row < sums.length; row++) {
    const base = row * columns;
    let at = 0;
    for (let level = 0; level < depth; level++) {
      const x = rows[base + (feature[at] as number)] as number;
      at = (left[at] as number) + (x <= (threshold[at] as number) ? 0 : 1);
    }
    sums[row] = (sums[row] as number) + (value[at] as number);
  }
}
