import type { Forest } from './forest.ts';

/** A table larger than this is not worth its memory; the trees are walked instead. */
const BYTES_MAX = 16 * 2 ** 20;
const GRID_PER_CUT = 4;
const GRID_MAX = 2 ** 16;

/**
 * The leaf of every tree for a value of the only feature, in one look-up: the thresholds of all trees, merged and sorted,
 * cut the axis into intervals, and in each interval every tree has one leaf. A uniform grid leads to the interval.
 */
export class CutTable {
  /** Leaf by interval and tree: entry `find(x) + tree`. */
  readonly leaf: Uint16Array;
  private readonly trees: number;
  private readonly cuts: Float64Array;
  /** How many cuts lie in the grid's cells before a cell. */
  private readonly start: Uint32Array;
  private readonly low: number;
  private readonly scale: number;

  /** True where a forest over one feature is small enough for a table. */
  static suits(forest: Forest): boolean {
    return 2 * forest.trees ** 2 * forest.leaves <= BYTES_MAX;
  }

  constructor(forest: Forest) {
    const { trees, leaves, threshold } = forest;
    this.trees = trees;
    const cuts = threshold.filter((_, i) => i % leaves > 0).toSorted();
    this.leaf = leavesByInterval(forest, cuts);
    const cells = Math.min(GRID_MAX, GRID_PER_CUT * (cuts.length + 1));
    this.low = cuts[0] ?? 0;
    const width = (cuts[cuts.length - 1] ?? 0) - this.low;
    this.scale = width > 0 ? cells / width : 0;
    this.start = new Uint32Array(cells);
    // The end of the list is beyond every value, so that the search needs no other bound.
    this.cuts = Float64Array.of(...cuts, Infinity);
    for (let cell = 0, cut = 0; cell < cells; cell++) {
      while (this.cell(this.cuts[cut] as number) < cell) cut++;
      this.start[cell] = cut;
    }
  }

  /** Where the leaves of a finite value begin in `leaf`. */
  find(x: number): number {
    const { cuts } = this;
    let cut = this.start[this.cell(x)] as number;
    while ((cuts[cut] as number) <= x) cut++;
    return cut * this.trees;
  }

  /** Never falls as x grows, so that every cut of an earlier cell is below every value of this one. */
  private cell(x: number): number {
    const at = (x - this.low) * this.scale;
    if (at <= 0) return 0;
    return at < this.start.length ? Math.trunc(at) : this.start.length - 1;
  }
}

/** Walks every tree once in order of its thresholds, beside the merged list. */
function leavesByInterval({ trees, leaves, threshold }: Forest, cuts: Float64Array): Uint16Array {
  const leaf = new Uint16Array((cuts.length + 1) * trees);
  for (let tree = 0; tree < trees; tree++) {
    const own = threshold.subarray(tree * leaves + 1, (tree + 1) * leaves).toSorted();
    let at = 0;
    for (let interval = 0; interval <= cuts.length; interval++) {
      const from = interval === 0 ? -Infinity : (cuts[interval - 1] as number);
      while (at < own.length && (own[at] as number) <= from) at++;
      leaf[interval * trees + tree] = at;
    }
  }
  return leaf;
}
