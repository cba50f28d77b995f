/**
 * Grows one tree of an isolation forest: scikit-learn 1.9.1's ExtraTreeRegressor with max_features = 1 and random splits,
 * on targets that are random numbers. Every draw, every order and every rounding follows its Cython
 * (tree/_splitter.pyx node_split_random, _partitioner.pyx, _criterion.pyx MSE, _tree.pyx DepthFirstTreeBuilder).
 */
import { RandR } from '../../random/rand-r.ts';

/** Nodes in pre-order, left first; node 0 is the root. */
export interface IsolationTree {
  /** Column tested, or LEAF. */
  readonly feature: Int32Array;
  /** A value not above it goes left. */
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Distinct training rows that reached the node. */
  readonly size: Int32Array;
  /** 1 where a missing value goes left. */
  readonly missingLeft: Uint8Array;
}

/** What one tree is grown from. */
export interface TreeSample {
  /** Rows × columns, row-major. */
  readonly x: Float32Array;
  readonly rows: number;
  /** The random target of each row, and how often a bootstrap drew it. */
  readonly target: Float64Array;
  readonly weight: Float64Array;
}

export const LEAF = -2;
/** scikit-learn's FEATURE_THRESHOLD: a narrower column counts as constant. */
const CONSTANT_WIDTH = Math.fround(1e-7);
/** scikit-learn's EPSILON: a node whose targets vary less is not split, which concerns a node in ten million. */
const IMPURITY_MIN = 2 ** -52;

/** Grows trees one after the other over scratch memory of its own. */
export class TreeGrower {
  private readonly columns: number;
  private readonly depthMax: number;
  private readonly features: Int32Array;
  private readonly constants: Int32Array;
  private readonly order: Int32Array;
  private readonly values: Float32Array;
  private readonly nodes: IsolationTree;
  private sample: TreeSample;
  private rng: RandR;
  private count = 0;
  // The range that `gather` found, and the split that `split` made.
  private low = 0;
  private high = 0;
  private feature = LEAF;
  private threshold = 0;
  private missingLeft = 0;
  private constantsBelow = 0;
  private impurityLeft = 0;
  private impurityRight = 0;

  /** @param rowsMax the most rows that a sample will have */
  constructor(rowsMax: number, columns: number, depthMax: number) {
    this.columns = columns;
    this.depthMax = depthMax;
    this.rng = new RandR(0);
    const none = new Float64Array(0);
    this.sample = { x: new Float32Array(0), rows: 0, target: none, weight: none };
    this.features = new Int32Array(columns);
    this.constants = new Int32Array(columns);
    this.order = new Int32Array(rowsMax);
    this.values = new Float32Array(rowsMax);
    this.nodes = emptyTree(2 * rowsMax - 1);
  }

  grow(sample: TreeSample, rng: RandR): IsolationTree {
    this.sample = sample;
    this.rng = rng;
    this.count = 0;
    for (let i = 0; i < sample.rows; i++) this.order[i] = i;
    for (let i = 0; i < this.columns; i++) this.features[i] = i;
    const { sum, squares, weight } = this.moments(0, sample.rows);
    this.node(0, sample.rows, 0, 0, variance(sum, squares, weight));
    return copyTree(this.nodes, this.count);
  }

  private node(start: number, end: number, depth: number, known: number, impurity: number): number {
    const { nodes } = this;
    const id = this.count++;
    nodes.size[id] = end - start;
    const stop = depth >= this.depthMax || end - start < 2 || impurity <= IMPURITY_MIN;
    const middle = stop ? end : this.split(start, end, known);
    if (middle === end) {
      nodes.feature[id] = LEAF;
      nodes.threshold[id] = LEAF;
      nodes.left[id] = -1;
      nodes.right[id] = -1;
      nodes.missingLeft[id] = 0;
      return id;
    }
    nodes.feature[id] = this.feature;
    nodes.threshold[id] = this.threshold;
    nodes.missingLeft[id] = this.missingLeft;
    const { constantsBelow, impurityRight } = this;
    nodes.left[id] = this.node(start, middle, depth + 1, constantsBelow, this.impurityLeft);
    nodes.right[id] = this.node(middle, end, depth + 1, constantsBelow, impurityRight);
    return id;
  }

  /**
   * Draws columns until one is not constant here, and a threshold in it. Of `features`, the first `known` are constant
   * since an ancestor; those found constant now follow them.
   * @returns where the right side starts, or `end` when there is no split
   */
  private split(start: number, end: number, known: number): number {
    const { features, constants, rng } = this;
    let [drawn, found, last, visited, middle] = [0, 0, this.columns, 0, end];
    while (last > known + found && (visited < 1 || visited <= found + drawn)) {
      visited++;
      let at = rng.integer(drawn, last - found);
      if (at < known) {
        swap(features, drawn++, at);
        continue;
      }
      at += found;
      const feature = features[at] as number;
      const missing = this.gather(feature, start, end);
      const constant = missing === 0 && this.high <= Math.fround(this.low + CONSTANT_WIDTH);
      if (constant || missing === end - start) {
        swap(features, at, known + found++);
        continue;
      }
      swap(features, --last, at);
      const cut = this.cut(feature, start, end, missing);
      if (cut > start && cut < end) middle = cut;
    }
    if (middle < end) this.measure(start, middle, end);
    features.set(constants.subarray(0, known));
    constants.set(features.subarray(known, known + found), known);
    this.constantsBelow = known + found;
    return middle;
  }

  /** Draws the threshold and moves the rows not above it to the front. */
  private cut(feature: number, start: number, end: number, missing: number): number {
    this.feature = feature;
    this.threshold = this.rng.uniform(this.low, this.high);
    const missingLeft = missing > 0 ? this.rng.integer(0, 2) : 0;
    if (this.threshold === this.high) this.threshold = this.low;
    const middle = this.partition(start, end, this.threshold, missingLeft === 1);
    this.missingLeft = missing > 0 ? missingLeft : Number(middle - start > end - middle);
    return middle;
  }

  /** Copies a column's values to `values`, finds their range, and counts the missing ones. */
  private gather(feature: number, start: number, end: number): number {
    const { order, values, columns } = this;
    const { x } = this.sample;
    let [low, high, missing] = [Infinity, -Infinity, 0];
    for (let i = start; i < end; i++) {
      const value = x[(order[i] as number) * columns + feature] as number;
      values[i] = value;
      if (value < low) low = value;
      if (value > high) high = value;
      if (Number.isNaN(value)) missing++;
    }
    this.low = low;
    this.high = high;
    return missing;
  }

  private partition(start: number, end: number, threshold: number, missingLeft: boolean): number {
    const { order, values } = this;
    let [low, high] = [start, end];
    while (low < high) {
      const value = values[low] as number;
      if (value <= threshold || (missingLeft && Number.isNaN(value))) {
        low++;
        continue;
      }
      high--;
      swap(order, low, high);
      values[low] = values[high] as number;
    }
    return high;
  }

  /** The variance of the targets on both sides, added up in scikit-learn's order. */
  private measure(start: number, middle: number, end: number): void {
    const { order } = this;
    const { target, weight } = this.sample;
    const all = this.moments(start, end);
    const left = this.moments(start, middle);
    let sum = left.sum;
    if (middle - start > end - middle) {
      sum = all.sum;
      for (let i = end - 1; i >= middle; i--) {
        const row = order[i] as number;
        sum -= (weight[row] as number) * (target[row] as number);
      }
    }
    this.impurityLeft = variance(sum, left.squares, left.weight);
    this.impurityRight = variance(all.sum - sum, all.squares - left.squares, all.weight - left.weight);
  }

  private moments(start: number, end: number): { sum: number; squares: number; weight: number } {
    const { order } = this;
    const { target, weight } = this.sample;
    let [sum, squares, total] = [0, 0, 0];
    for (let i = start; i < end; i++) {
      const row = order[i] as number;
      const value = target[row] as number;
      const weighted = (weight[row] as number) * value;
      sum += weighted;
      squares += weighted * value;
      total += weight[row] as number;
    }
    return { sum, squares, weight: total };
  }
}

function variance(sum: number, squares: number, weight: number): number {
  const mean = sum / weight;
  return squares / weight - mean * mean;
}

function swap(array: Int32Array, i: number, j: number): void {
  const held = array[i] as number;
  array[i] = array[j] as number;
  array[j] = held;
}

/** A tree of leaves alone, to be filled in. */
export function emptyTree(nodes: number): IsolationTree {
  return {
    feature: new Int32Array(nodes).fill(LEAF),
    threshold: new Float64Array(nodes).fill(LEAF),
    left: new Int32Array(nodes).fill(-1),
    right: new Int32Array(nodes).fill(-1),
    size: new Int32Array(nodes),
    missingLeft: new Uint8Array(nodes),
  };
}

function copyTree(tree: IsolationTree, count: number): IsolationTree {
  return {
    feature: tree.feature.slice(0, count),
    threshold: tree.threshold.slice(0, count),
    left: tree.left.slice(0, count),
    right: tree.right.slice(0, count),
    size: tree.size.slice(0, count),
    missingLeft: tree.missingLeft.slice(0, count),
  };
}
