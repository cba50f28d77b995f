/**
 * Walks of rows through binary trees whose test is `row[feature] <= threshold`, without a branch on the data: the two
 * children of a node lie side by side, and a leaf has itself as child, so that every walk takes the tree's full depth.
 */
import { forestWasm } from './forest.wasm.ts';
import { Kernel, type KernelInstance } from './kernel.ts';

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
const forestKernel = new Kernel<ForestExports>(forestWasm);
const NODE_BYTES = 16;
/** Rows at a time: they and one tree stay in the first-level cache. */
const BLOCK = 256;

/** Adds up, for rows, the values of the leaves they end in over all trees, tree after tree. */
export interface ForestWalk {
  /**
   * @param x row-major; read as 32-bit floats, none of which may be NaN
   * @param sums receives one sum a row
   */
  run(x: Float32Array, sums: Float64Array): void;
}

/** The walk in WebAssembly, or in TypeScript where the runtime has none. Both give the same sums to the bit. */
export function forestWalk(trees: readonly WalkTree[], columns: number): ForestWalk {
  const instance = forestKernel.open();
  return instance === undefined ? new TwinWalk(trees, columns) : new KernelWalk(instance, trees, columns);
}

/** The reference. */
export class TwinWalk implements ForestWalk {
  private readonly trees: readonly WalkTree[];
  private readonly columns: number;

  constructor(trees: readonly WalkTree[], columns: number) {
    this.trees = trees;
    this.columns = columns;
  }

  run(x: Float32Array, sums: Float64Array): void {
    sums.fill(0);
    for (let start = 0; start < sums.length; start += BLOCK) {
      const end = Math.min(start + BLOCK, sums.length);
      for (const tree of this.trees) walkTree(tree, x, this.columns, sums, start, end);
    }
  }
}

function walkTree(
  tree: WalkTree,
  x: Float32Array,
  columns: number,
  sums: Float64Array,
  start: number,
  end: number,
): void {
  const { depth, feature, threshold, left, value } = tree;
  for (let row = start; row < end; row++) {
    const base = row * columns;
    let at = 0;
    for (let level = 0; level < depth; level++) {
      const goesLeft = (x[base + (feature[at] as number)] as number) <= (threshold[at] as number);
      at = (left[at] as number) + (goesLeft ? 0 : 1);
    }
    sums[row] = (sums[row] as number) + (value[at] as number);
  }
}

export class KernelWalk implements ForestWalk {
  private readonly instance: KernelInstance<ForestExports>;
  private readonly trees: { nodes: number; values: number; depth: number }[];
  private readonly columns: number;
  private readonly rows: number;
  private readonly sums: number;

  constructor(instance: KernelInstance<ForestExports>, trees: readonly WalkTree[], columns: number) {
    this.instance = instance;
    this.columns = columns;
    this.trees = trees.map((tree) => store(instance, tree));
    this.rows = instance.allocate(BLOCK * columns * 4);
    this.sums = instance.allocate(BLOCK * 8);
  }

  run(x: Float32Array, sums: Float64Array): void {
    const { columns, instance } = this;
    const rows = instance.f32(this.rows, BLOCK * columns);
    const part = instance.f64(this.sums, BLOCK);
    for (let start = 0; start < sums.length; start += BLOCK) {
      const count = Math.min(BLOCK, sums.length - start);
      rows.set(x.subarray(start * columns, (start + count) * columns));
      part.fill(0);
      for (const { nodes, values, depth } of this.trees) {
        instance.call.walk(nodes, values, depth, this.rows, columns * 4, count, this.sums);
      }
      sums.set(count === BLOCK ? part : part.subarray(0, count), start);
    }
  }
}

function store(instance: KernelInstance<ForestExports>, tree: WalkTree) {
  const size = tree.left.length;
  const nodes = instance.allocate(size * NODE_BYTES);
  const values = instance.allocate(size * 8);
  const words = instance.i32(nodes, size * 4);
  const floats = instance.f32(nodes, size * 4);
  for (let i = 0; i < size; i++) {
    floats[4 * i] = tree.threshold[i] as number;
    words[4 * i + 1] = 4 * (tree.feature[i] as number);
    words[4 * i + 2] = tree.left[i] as number;
  }
  instance.f64(values, size).set(tree.value);
  return { nodes, values, depth: tree.depth };
}
