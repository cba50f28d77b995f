import type { Donors } from './donors.ts';
import { Nearest } from './nearest.ts';
import type { RowTree } from './row-tree.ts';

/** Bounds and distances are sums of rounded squares: a bound must be beyond the limit by more than they can be wrong. */
const SLACK = 1 + 1e-12;
const TINY = 1e-300;
/** Twice the unit of rounding of 32-bit floats. */
const ROUNDING = 2 ** -22;

/**
 * For a query with gaps, the k nearest donors of each column it lacks: exactly those, in that order, which the distance
 * sqrt(sum over shared columns of squared differences, in their order, × (columns / shared)) puts first.
 */
export class Search {
  private readonly donors: Donors;
  private readonly query: Float64Array;
  private readonly nearest: Nearest[];
  /** By column with few donors: their row numbers, which are all looked at. */
  private readonly few = new Map<number, Int32Array>();
  // Of the running query.
  private wanted: number[] = [];
  private worst = Infinity;
  private worstRow = Infinity;
  // Of the tree that is being searched.
  private tree: RowTree | undefined;
  private shared: number[] = [];
  private given: number[] = [];
  /** How wrong a distance between 32-bit floats can be. */
  private rounding = 0;
  /** Sums of squares that are surely too far: of doubles, and of the blocks' 32-bit floats. */
  private boundMax = Infinity;
  private limit = Infinity;

  constructor(donors: Donors, k: number) {
    const { width, present, x } = donors;
    this.donors = donors;
    this.query = new Float64Array(width);
    this.nearest = Array.from({ length: width }, () => new Nearest(k));
    const rows = x.length / width;
    for (let column = 0; column < width; column++) {
      // A search for k donors that one row in `rows / present` has looks at k rows / present rows or more.
      if ((present[column] as number) ** 2 >= k * rows) continue;
      const having = (row: number) => !Number.isNaN(x[row * width + column]);
      this.few.set(column, Int32Array.from({ length: rows }, (_, row) => row).filter(having));
    }
  }

  /** @returns by column, its nearest donors; good for the columns that the query lacks, until the next call */
  find(query: Float64Array): readonly Nearest[] {
    const { donors, few, nearest } = this;
    this.query.set(query);
    const present: number[] = [];
    this.wanted = [];
    for (let column = 0; column < donors.width; column++) {
      if (!Number.isNaN(query[column])) {
        present.push(column);
        continue;
      }
      (nearest[column] as Nearest).count = 0;
      if (!few.has(column)) this.wanted.push(column);
    }
    for (const [column, rows] of few) {
      if (Number.isNaN(query[column])) this.searchList(column, rows, present);
    }
    this.worst = Infinity;
    this.worstRow = Infinity;
    if (this.wanted.length > 0) for (const tree of donors.trees) this.searchTree(tree, present);
    return nearest;
  }

  private searchList(column: number, rows: Int32Array, present: readonly number[]): void {
    const list = this.nearest[column] as Nearest;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const distance = this.distanceTo(row, present);
      if (!Number.isNaN(distance)) list.offer(distance, row);
    }
  }

  private searchTree(tree: RowTree, present: readonly number[]): void {
    const { donors, query } = this;
    this.tree = tree;
    this.shared = present.filter((column) => tree.columns.includes(column));
    this.given = this.wanted.filter((column) => tree.columns.includes(column));
    if (this.shared.length === 0 || this.given.length === 0) return;
    let [terms, squares] = [0, 0];
    for (const column of donors.byVariance) {
      if (!this.shared.includes(column)) continue;
      const value = ((query[column] as number) - (donors.centre[column] as number)) * donors.scale;
      donors.blocks.setTerm(terms++, column, value);
      squares += ((donors.reach[column] as number) + Math.abs(value)) ** 2;
    }
    this.rounding = ROUNDING * Math.sqrt(squares);
    this.tighten();
    this.descend(tree, 0, this.bound(tree, 0));
  }

  /** Looks through a node, the nearer child first, unless its rows are too far. */
  private descend(tree: RowTree, node: number, bound: number): void {
    if (bound > this.boundMax || (this.worst === 0 && (tree.first[node] as number) > this.worstRow)) return;
    if (node >= tree.leaves - 1) {
      this.searchLeaf(tree, node - tree.leaves + 1);
      return;
    }
    const [left, right] = [2 * node + 1, 2 * node + 2];
    const [leftBound, rightBound] = [this.bound(tree, left), this.bound(tree, right)];
    if (leftBound <= rightBound) {
      this.descend(tree, left, leftBound);
      this.descend(tree, right, rightBound);
    } else {
      this.descend(tree, right, rightBound);
      this.descend(tree, left, leftBound);
    }
  }

  /** The least sum of squares that a row within the node's ranges can have; columns with gaps there count for nothing. */
  private bound({ low, high }: RowTree, node: number): number {
    const { query, shared } = this;
    const base = node * this.donors.width;
    let sum = 0;
    for (let i = 0; i < shared.length; i++) {
      const column = shared[i] as number;
      const value = query[column] as number;
      const below = (low[base + column] as number) - value;
      const above = value - (high[base + column] as number);
      if (below > 0) sum += below * below;
      else if (above > 0) sum += above * above;
    }
    return sum;
  }

  private searchLeaf(tree: RowTree, leaf: number): void {
    const { blocks } = this.donors;
    const start = tree.starts[leaf] as number;
    const rows = (tree.starts[leaf + 1] as number) - start;
    const block = tree.block + leaf;
    const found = tree.gaps
      ? blocks.nearMissing(block, rows, this.shared.length, this.limit)
      : blocks.near(block, rows, this.shared.length, this.limit);
    let entered = false;
    for (let i = 0; i < found; i++) {
      const row = tree.rows[start + (blocks.found[i] as number)] as number;
      if (this.worst === 0 && row > this.worstRow) continue;
      if (this.offer(row)) entered = true;
    }
    if (entered) this.tighten();
  }

  private offer(row: number): boolean {
    const distance = this.distanceTo(row, this.shared);
    if (!(distance <= this.worst)) return false;
    const { given, nearest, donors } = this;
    let entered = false;
    for (let i = 0; i < given.length; i++) {
      const column = given[i] as number;
      if (Number.isNaN(donors.x[row * donors.width + column])) continue;
      if ((nearest[column] as Nearest).offer(distance, row)) entered = true;
    }
    return entered;
  }

  /** The distance as it is defined; NaN where nothing is shared. */
  private distanceTo(row: number, columns: readonly number[]): number {
    const { x, width } = this.donors;
    const base = row * width;
    let [sum, shared] = [0, 0];
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as number;
      const difference = (x[base + column] as number) - (this.query[column] as number);
      if (Number.isNaN(difference)) continue;
      sum += difference * difference;
      shared++;
    }
    return shared === 0 ? NaN : Math.sqrt(sum * (width / shared));
  }

  /** Sets the limits by the worst of the rows found so far. */
  private tighten(): void {
    let [worst, worstRow] = [0, 0];
    for (const column of this.wanted) {
      const list = this.nearest[column] as Nearest;
      worst = Math.max(worst, list.worst);
      worstRow = Math.max(worstRow, list.worstRow);
    }
    this.worst = worst;
    this.worstRow = worstRow;
    const terms = this.shared.length;
    this.boundMax = worst * worst * (terms / this.donors.width) * SLACK + TINY;
    const counted = this.tree?.gaps === true ? this.boundMax / terms : this.boundMax;
    const reach = Math.sqrt(counted) * this.donors.scale + this.rounding;
    this.limit = reach * reach * (1 + (terms + 16) * ROUNDING) + 2 ** -140;
  }
}
