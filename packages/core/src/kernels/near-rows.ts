/**
 * Blocks of rows in 32-bit floats, column after column, and the question which rows of a block may lie within a distance
 * of a query. The answer is a filter: the caller widens its limit by the rounding of 32 bits and looks at what passes.
 */
import { Kernel, type KernelInstance } from './kernel.ts';
import { nearRowsWasm } from './near-rows.wasm.ts';

/** Rows of a block; what is not filled in is NaN, which `near` never finds. */
export const BLOCK_ROWS = 64;

interface NearRowsExports {
  near: Near;
  nearMissing: Near;
}
type Near = (
  block: number,
  rows: number,
  terms: number,
  count: number,
  limit: number,
  found: number,
) => number;

const kernel = new Kernel<NearRowsExports>(nearRowsWasm);

export interface NearRows {
  /** All blocks: value of `row` in `column` at (block × columns + column) × BLOCK_ROWS + row. */
  readonly values: Float32Array;
  /** Row numbers in the block that the last question found. */
  readonly found: Int32Array;
  /** Makes `value` in `column` the term `index` of the query. Put columns that differ most first. */
  setTerm(index: number, column: number, value: number): void;
  /**
   * Finds rows whose sum of squared differences in the first `terms` terms, each step in 32 bits, is not above `limit`.
   * @param rows of the block to look at
   * @returns how many
   */
  near(block: number, rows: number, terms: number, limit: number): number;
  /** The same for rows with gaps (NaN), which count for nothing; a row's limit is `limit` times its present terms. */
  nearMissing(block: number, rows: number, terms: number, limit: number): number;
}

/** The blocks in WebAssembly, or in TypeScript where the runtime has none. Both find the same rows. */
export function nearRows(blocks: number, columns: number): NearRows {
  const instance = kernel.open();
  return instance === undefined
    ? new TwinNearRows(blocks, columns)
    : new KernelNearRows(instance, blocks, columns);
}

/** The reference. */
export class TwinNearRows implements NearRows {
  readonly values: Float32Array;
  readonly found = new Int32Array(BLOCK_ROWS);
  private readonly columns: number;
  private readonly column: Int32Array;
  private readonly value: Float32Array;

  constructor(blocks: number, columns: number) {
    this.columns = columns;
    this.values = new Float32Array(blocks * columns * BLOCK_ROWS).fill(NaN);
    this.column = new Int32Array(columns);
    this.value = new Float32Array(columns);
  }

  setTerm(index: number, column: number, value: number): void {
    this.column[index] = column;
    this.value[index] = value;
  }

  near(block: number, rows: number, terms: number, limit: number): number {
    return this.scan(block, rows, terms, (sum, count) => count === terms && sum <= limit);
  }

  nearMissing(block: number, rows: number, terms: number, limit: number): number {
    return this.scan(block, rows, terms, (sum, count) => sum <= Math.fround(limit * count));
  }

  private scan(
    block: number,
    rows: number,
    terms: number,
    passes: (sum: number, present: number) => boolean,
  ): number {
    const { values, columns, found } = this;
    let count = 0;
    for (let row = 0; row < rows; row++) {
      let [sum, present] = [0, 0];
      for (let term = 0; term < terms; term++) {
        const at = (block * columns + (this.column[term] as number)) * BLOCK_ROWS + row;
        const difference = Math.fround((values[at] as number) - (this.value[term] as number));
        if (Number.isNaN(difference)) continue;
        sum = Math.fround(sum + Math.fround(difference * difference));
        present++;
      }
      if (passes(sum, present)) found[count++] = row;
    }
    return count;
  }
}

export class KernelNearRows implements NearRows {
  readonly values: Float32Array;
  readonly found: Int32Array;
  private readonly call: NearRowsExports;
  private readonly blockBytes: number;
  private readonly at: { values: number; terms: number; found: number };
  private readonly offsets: Int32Array;
  private readonly terms: Float32Array;

  constructor(instance: KernelInstance<NearRowsExports>, blocks: number, columns: number) {
    this.call = instance.call;
    this.blockBytes = columns * BLOCK_ROWS * 4;
    this.at = {
      values: instance.allocate(blocks * this.blockBytes),
      terms: instance.allocate(columns * 8),
      found: instance.allocate(BLOCK_ROWS * 4),
    };
    this.values = instance.f32(this.at.values, blocks * columns * BLOCK_ROWS).fill(NaN);
    this.found = instance.i32(this.at.found, BLOCK_ROWS);
    this.offsets = instance.i32(this.at.terms, columns * 2);
    this.terms = instance.f32(this.at.terms, columns * 2);
  }

  setTerm(index: number, column: number, value: number): void {
    this.offsets[2 * index] = column * BLOCK_ROWS * 4;
    this.terms[2 * index + 1] = value;
  }

  near(block: number, rows: number, terms: number, limit: number): number {
    const { values, terms: query, found } = this.at;
    return this.call.near(values + block * this.blockBytes, rows, query, terms, limit, found);
  }

  nearMissing(block: number, rows: number, terms: number, limit: number): number {
    const { values, terms: query, found } = this.at;
    return this.call.nearMissing(values + block * this.blockBytes, rows, query, terms, limit, found);
  }
}
