/**
 * Rows with one pattern of gaps, halved again and again at the median of their widest column until a block holds each
 * part. Of every part the tree knows the range of each column, and so how near to a query its rows can possibly be.
 */
import { BLOCK_ROWS } from '../../kernels/near-rows.ts';

/** A complete binary tree in one array: node i has children 2i + 1 and 2i + 2; the last `leaves` nodes are the blocks. */
export interface RowTree {
  /** Columns that some row of the tree has. */
  readonly columns: readonly number[];
  /** Whether rows of the tree differ in what they lack. */
  readonly gaps: boolean;
  /** Row numbers; a leaf holds those from `starts[leaf]` to `starts[leaf + 1]`. */
  readonly rows: Int32Array;
  readonly starts: Int32Array;
  readonly leaves: number;
  /** By node and column; NaN where a row of the node lacks the column. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** By node, the least row number. */
  readonly first: Int32Array;
  /** Number of the first leaf's block in the store of all trees. */
  readonly block: number;
}

/** How many rows are looked at to find the widest column of a part. */
const SAMPLE = 64;

/** @param width columns of x, which is row-major */
export function growTree(x: Float64Array, width: number, rows: Int32Array, block: number): RowTree {
  const depth = Math.max(0, Math.ceil(Math.log2(rows.length / BLOCK_ROWS)));
  const leaves = 2 ** depth;
  const nodes = 2 * leaves - 1;
  const [low, high] = [new Float64Array(nodes * width), new Float64Array(nodes * width)];
  const starts = new Int32Array(leaves + 1).fill(rows.length);
  const first = new Int32Array(nodes);
  const split = (node: number, start: number, end: number): void => {
    if (node >= leaves - 1) {
      starts[node - leaves + 1] = start;
      measureLeaf(x, width, rows.subarray(start, end), low, high, node * width);
      first[node] = rows.subarray(start, end).reduce((least, row) => Math.min(least, row));
      return;
    }
    const middle = (start + end) >> 1;
    select(x, width, widestColumn(x, width, rows, start, end), rows, start, end - 1, middle);
    split(2 * node + 1, start, middle);
    split(2 * node + 2, middle, end);
    joinChildren(low, high, width, node);
    first[node] = Math.min(first[2 * node + 1] as number, first[2 * node + 2] as number);
  };
  split(0, 0, rows.length);
  return { ...presence(x, width, rows), rows, starts, leaves, low, high, first, block };
}

function presence(x: Float64Array, width: number, rows: Int32Array) {
  const present = new Int32Array(width);
  for (const row of rows) {
    for (let column = 0; column < width; column++) {
      if (!Number.isNaN(x[row * width + column])) present[column] = (present[column] as number) + 1;
    }
  }
  const columns = [...present.keys()].filter((column) => (present[column] as number) > 0);
  return { columns, gaps: columns.some((column) => (present[column] as number) < rows.length) };
}

function measureLeaf(
  x: Float64Array,
  width: number,
  rows: Int32Array,
  low: Float64Array,
  high: Float64Array,
  at: number,
): void {
  for (let column = 0; column < width; column++) {
    let [least, most] = [Infinity, -Infinity];
    for (let i = 0; i < rows.length; i++) {
      const value = x[(rows[i] as number) * width + column] as number;
      // Math.min and Math.max hand on NaN.
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    low[at + column] = least;
    high[at + column] = most;
  }
}

function joinChildren(low: Float64Array, high: Float64Array, width: number, node: number): void {
  const [at, left, right] = [node * width, (2 * node + 1) * width, (2 * node + 2) * width];
  for (let column = 0; column < width; column++) {
    low[at + column] = Math.min(low[left + column] as number, low[right + column] as number);
    high[at + column] = Math.max(high[left + column] as number, high[right + column] as number);
  }
}

/** The column with the greatest variance among some rows of a part. */
function widestColumn(x: Float64Array, width: number, rows: Int32Array, start: number, end: number): number {
  const step = Math.max(1, Math.floor((end - start) / SAMPLE));
  let [widest, column] = [-1, 0];
  for (let candidate = 0; candidate < width; candidate++) {
    let [count, mean, squares] = [0, 0, 0];
    for (let i = start; i < end; i += step) {
      const value = x[(rows[i] as number) * width + candidate] as number;
      if (Number.isNaN(value)) continue;
      const difference = value - mean;
      mean += difference / ++count;
      squares += difference * (value - mean);
    }
    if (squares > widest) [widest, column] = [squares, candidate];
  }
  return column;
}

/** Hoare's selection: orders `rows` so that those before `middle` are not above it in the column; equals by number. */
function select(
  x: Float64Array,
  width: number,
  column: number,
  rows: Int32Array,
  start: number,
  end: number,
  middle: number,
): void {
  // A missing value counts as the greatest.
  const valueOf = (row: number) => {
    const value = x[row * width + column] as number;
    return Number.isNaN(value) ? Infinity : value;
  };
  let [low, high] = [start, end];
  while (low < high) {
    const pivot = rows[(low + high) >> 1] as number;
    const value = valueOf(pivot);
    const before = (row: number) => {
      const other = valueOf(row);
      return other < value || (other === value && row < pivot);
    };
    const after = (row: number) => {
      const other = valueOf(row);
      return other > value || (other === value && row > pivot);
    };
    let [i, j] = [low, high];
    while (i <= j) {
      while (before(rows[i] as number)) i++;
      while (after(rows[j] as number)) j--;
      if (i > j) break;
      const held = rows[i] as number;
      rows[i++] = rows[j] as number;
      rows[j--] = held;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}
