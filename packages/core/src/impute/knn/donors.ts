import { BLOCK_ROWS, nearRows, type NearRows } from '../../kernels/near-rows.ts';
import { growTree, type RowTree } from './row-tree.ts';

/** The rows that values are taken from, arranged so that the nearest to a query are found by looking at few of them. */
export interface Donors {
  /** Row-major; missing is NaN. */
  readonly x: Float64Array;
  readonly width: number;
  readonly trees: readonly RowTree[];
  /** The rows of the trees' leaves, centred and scaled into [-1, 1]: (x - centre) × scale. */
  readonly blocks: NearRows;
  readonly centre: Float64Array;
  readonly scale: number;
  /** By column, the greatest magnitude in the blocks. */
  readonly reach: Float64Array;
  /** Columns, those that vary most first. */
  readonly byVariance: Int32Array;
  /** By column, how many rows have it. */
  readonly present: Int32Array;
}

/** A pattern of gaps that fewer rows share has no tree of its own. */
const PATTERN_ROWS = BLOCK_ROWS / 2;

export function arrangeDonors(x: Float64Array, rows: number, width: number): Donors {
  const { present, centre, variance } = describeColumns(x, rows, width);
  const reach = reachOf(x, rows, width, centre);
  // A power of two, so that scaling rounds nothing.
  const scale = 2 ** -Math.ceil(Math.log2(Math.max(...reach, 2 ** -500)));
  let blocks = 0;
  const trees = rowsByPattern(x, rows, width).map((members) => {
    const tree = growTree(x, width, members, blocks);
    blocks += tree.leaves;
    return tree;
  });
  const store = nearRows(blocks, width);
  for (const tree of trees) fillBlocks(store.values, tree, x, width, centre, scale);
  const byVariance = Int32Array.from({ length: width }, (_, column) => column).toSorted(
    (a, b) => (variance[b] as number) - (variance[a] as number),
  );
  return {
    x,
    width,
    trees,
    blocks: store,
    centre,
    scale,
    reach: reach.map((one) => one * scale),
    byVariance,
    present,
  };
}

function describeColumns(x: Float64Array, rows: number, width: number) {
  const present = new Int32Array(width);
  const [centre, squares] = [new Float64Array(width), new Float64Array(width)];
  for (let at = 0, row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++, at++) {
      const value = x[at] as number;
      if (Number.isNaN(value)) continue;
      const count = (present[column] as number) + 1;
      const mean = centre[column] as number;
      present[column] = count;
      centre[column] = mean + (value - mean) / count;
      squares[column] = (squares[column] as number) + (value - mean) * (value - (centre[column] as number));
    }
  }
  // A mean that overflowed is no centre; any number is a valid one.
  for (let column = 0; column < width; column++) {
    if (!Number.isFinite(centre[column])) centre[column] = 0;
  }
  return {
    present,
    centre,
    variance: squares.map((sum, column) => sum / Math.max(1, present[column] as number)),
  };
}

function reachOf(x: Float64Array, rows: number, width: number, centre: Float64Array): Float64Array {
  const reach = new Float64Array(width);
  for (let at = 0, row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++, at++) {
      const distance = Math.abs((x[at] as number) - (centre[column] as number));
      if (distance > (reach[column] as number)) reach[column] = Math.min(distance, Number.MAX_VALUE);
    }
  }
  return reach;
}

/** Row numbers by the columns they lack, whole rows first; rare patterns together, last; rows without a value nowhere. */
function rowsByPattern(x: Float64Array, rows: number, width: number): Int32Array[] {
  const patterns = new Map<string, number[]>([['', []]]);
  const missing: number[] = [];
  for (let row = 0; row < rows; row++) {
    missing.length = 0;
    for (let column = 0; column < width; column++) {
      if (Number.isNaN(x[row * width + column])) missing.push(column);
    }
    if (missing.length === width) continue;
    const key = missing.join();
    const members = patterns.get(key);
    if (members === undefined) patterns.set(key, [row]);
    else members.push(row);
  }
  const all = [...patterns.values()];
  const common = all.filter((members) => members.length >= PATTERN_ROWS);
  const rare = all.filter((members) => members.length < PATTERN_ROWS).flat();
  return [...common, rare].filter((members) => members.length > 0).map((members) => Int32Array.from(members));
}

function fillBlocks(
  values: Float32Array,
  { rows, starts, leaves, block }: RowTree,
  x: Float64Array,
  width: number,
  centre: Float64Array,
  scale: number,
): void {
  for (let leaf = 0; leaf < leaves; leaf++) {
    const start = starts[leaf] as number;
    const count = (starts[leaf + 1] as number) - start;
    for (let i = 0; i < count; i++) {
      const from = (rows[start + i] as number) * width;
      const to = (block + leaf) * width * BLOCK_ROWS + i;
      for (let column = 0; column < width; column++) {
        values[to + column * BLOCK_ROWS] =
          ((x[from + column] as number) - (centre[column] as number)) * scale;
      }
    }
  }
}
