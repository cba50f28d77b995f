import { isMissing } from '../../math/missing.ts';
import { CutTable } from './cut-table.ts';
import type { Forest } from './forest.ts';

/** Masses of the window at hand, by leaf. */
export interface Masses {
  readonly [index: number]: number;
}

/** Finds the leaf of every tree for a row of features. */
export class LeafFinder {
  readonly forest: Forest;
  /** Leaf by tree, from where `find` says: a table's entries, or what the last walk found. */
  readonly leaf: Uint16Array;
  private readonly columns: number;
  private readonly cuts: CutTable | undefined;

  constructor(forest: Forest, columns: number) {
    this.forest = forest;
    this.columns = columns;
    this.cuts = columns === 1 && CutTable.suits(forest) ? new CutTable(forest) : undefined;
    this.leaf = this.cuts?.leaf ?? new Uint16Array(forest.trees);
  }

  /**
   * Where in `leaf` the leaves of a row are, until the next call; -1 where every feature is missing.
   * @param x features, from entry `row` on
   * @param masses consulted where a feature is missing: the fuller side is taken; of this key from entry `at` on
   */
  find(x: ArrayLike<number>, row: number, masses: Masses, at: number): number {
    if (this.columns === 1) {
      const value = x[row] as number;
      if (isMissing(value)) return -1;
      if (this.cuts !== undefined) return this.cuts.find(value);
    } else if (allMissing(x, row, this.columns)) return -1;
    this.walk(x, row, masses, at);
    return 0;
  }

  private walk(x: ArrayLike<number>, row: number, masses: Masses, at: number): void {
    const { trees, leaves, column, threshold } = this.forest;
    for (let tree = 0, root = 0; tree < trees; tree++, root += leaves) {
      let node = 1;
      while (node < leaves) {
        const value = x[row + (column[root + node] as number)] as number;
        const goesRight = isMissing(value)
          ? this.rightIsFuller(masses, at + root, node)
          : value >= (threshold[root + node] as number);
        node = goesRight ? 2 * node + 1 : 2 * node;
      }
      this.leaf[tree] = node - leaves;
    }
  }

  /** Whether more values of the window at hand went right at a node than left. */
  private rightIsFuller(masses: Masses, root: number, node: number): boolean {
    const { leaves, height } = this.forest;
    const depth = 31 - Math.clz32(node);
    const half = 2 ** (height - depth - 1);
    const from = root + node * 2 * half - leaves;
    let difference = 0;
    for (let i = from; i < from + half; i++)
      difference += (masses[i + half] as number) - (masses[i] as number);
    return difference > 0;
  }
}

function allMissing(x: ArrayLike<number>, row: number, columns: number): boolean {
  for (let i = row; i < row + columns; i++) {
    if (!isMissing(x[i] as number)) return false;
  }
  return true;
}
