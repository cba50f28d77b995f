import { LinnetError } from '../../base/error.ts';
import type { BatchModel } from '../../base/model.ts';
import { forestWalk, type ForestWalk } from '../../kernels/forest.ts';
import { expectedLengths, explainRow } from './explain.ts';
import { growForest, type ForestParams, type GrownForest } from './grow.ts';
import { averagePathLength, percentile, scoreOf } from './score.ts';
import { readForest, writeForest } from './snapshot.ts';
import { asReading, leafOf, pathLengths, walkTree } from './walk.ts';

/** Rows that are turned into 32-bit floats and walked at a time. */
const BLOCK = 2048;

/** A configured isolation forest; see `isolationForest`. */
export class IsolationForest implements BatchModel {
  readonly params: ForestParams;
  private fitted: Fitted | undefined;

  constructor(params: ForestParams) {
    this.params = params;
  }

  /** A forest from the bytes of `save`. @throws LinnetError `snapshot.invalid` */
  static load(bytes: Uint8Array): IsolationForest {
    const { params, grown, offset } = readForest(bytes);
    const forest = new IsolationForest(params);
    forest.fitted = new Fitted(grown, offset);
    return forest;
  }

  /** A row is an anomaly when its score is below. */
  get offset(): number {
    return this.ready().offset;
  }

  /** Rows that each tree was grown from. */
  get samples(): number {
    return this.ready().grown.samples;
  }

  fit(x: Float64Array, rows: number, columns: number): void {
    if (rows === 0 || columns === 0) {
      throw new LinnetError(
        'data.empty',
        `isolation-forest: a table of ${rows} rows and ${columns} columns has nothing to fit`,
      );
    }
    checkTable(x, rows, columns);
    const { contamination } = this.params;
    const fitted = new Fitted(growForest(this.params, x, rows, columns), -0.5);
    if (contamination !== 'auto') fitted.offset = percentile(fitted.score(x, rows), contamination);
    this.fitted = fitted;
  }

  scoreSamples(x: Float64Array, rows: number): Float64Array {
    const fitted = this.ready();
    checkTable(x, rows, fitted.grown.columns);
    return fitted.score(x, rows);
  }

  predict(x: Float64Array, rows: number): Int8Array {
    return this.verdicts(this.scoreSamples(x, rows));
  }

  /** -1 for the score of an anomaly, 1 for any other: `predict` for rows that are scored already. */
  verdicts(scores: Float64Array): Int8Array {
    const { offset } = this.ready();
    return Int8Array.from(scores, (score) => (score - offset < 0 ? -1 : 1));
  }

  /**
   * Why a row scores as it does: by column, how many steps it shortens the row's mean path below that of a training row.
   * The greatest entries are the columns that set the row apart; negative ones speak for it. See explain.ts for the method.
   */
  explain(row: ArrayLike<number>): Float64Array {
    const fitted = this.ready();
    const { columns } = fitted.grown;
    if (row.length !== columns) throw otherWidth(row.length, 1, columns);
    return fitted.explain(Float32Array.from(row, asReading));
  }

  save(): Uint8Array<ArrayBuffer> {
    const { grown, offset } = this.ready();
    return writeForest({ params: this.params, grown, offset });
  }

  private ready(): Fitted {
    if (this.fitted !== undefined) return this.fitted;
    throw new LinnetError(
      'config.invalid',
      'isolation-forest: it has learned nothing yet; call fit or load first',
    );
  }
}

/** The trees with what scoring needs beside them. */
class Fitted {
  readonly grown: GrownForest;
  offset: number;
  private readonly lengths: readonly Float64Array[];
  private expected: readonly Float64Array[] | undefined;
  private readonly walk: ForestWalk;
  private readonly usual: number;

  constructor(grown: GrownForest, offset: number) {
    this.grown = grown;
    this.offset = offset;
    const average = new Map<number, number>();
    this.lengths = grown.trees.map((tree) => pathLengths(tree, average));
    const walked = grown.trees.map((tree, i) => walkTree(tree, this.lengths[i] as Float64Array));
    this.walk = forestWalk(walked, grown.columns);
    this.usual = grown.trees.length * averagePathLength(grown.samples);
  }

  score(x: Float64Array, rows: number): Float64Array {
    const { columns } = this.grown;
    const scores = new Float64Array(rows);
    const single = new Float32Array(Math.min(rows, BLOCK) * columns);
    for (let start = 0; start < rows; start += BLOCK) {
      const end = Math.min(start + BLOCK, rows);
      const missing = copyReadings(x.subarray(start * columns, end * columns), single, columns);
      const sums = scores.subarray(start, end);
      this.walk.run(single, sums);
      for (const row of missing) sums[row] = this.walkMissing(x, (start + row) * columns);
    }
    for (let row = 0; row < rows; row++) scores[row] = scoreOf(scores[row] as number, this.usual);
    return scores;
  }

  explain(row: Float32Array): Float64Array {
    const { trees } = this.grown;
    this.expected ??= trees.map((tree, i) => expectedLengths(tree, this.lengths[i] as Float64Array));
    return explainRow(trees, this.expected, row);
  }

  private walkMissing(x: Float64Array, base: number): number {
    const { columns, trees } = this.grown;
    const row = Float32Array.from({ length: columns }, (_, column) => asReading(x[base + column] as number));
    return trees.reduce((sum, tree, i) => sum + (this.lengths[i]?.[leafOf(tree, row)] as number), 0);
  }
}

/** Copies rows as 32-bit floats, 0 for what is missing. @returns the rows where something is */
function copyReadings(x: Float64Array, single: Float32Array, columns: number): Set<number> {
  const missing = new Set<number>();
  for (let i = 0; i < x.length; i++) {
    const value = Math.fround(x[i] as number);
    if (value - value === 0) {
      single[i] = value;
    } else {
      single[i] = 0;
      missing.add(Math.floor(i / columns));
    }
  }
  return missing;
}

function checkTable(x: Float64Array, rows: number, columns: number): void {
  if (x.length !== rows * columns) throw otherWidth(x.length, rows, columns);
}

function otherWidth(length: number, rows: number, columns: number): LinnetError {
  return new LinnetError(
    'data.invalid',
    `isolation-forest: ${length} values are not ${rows} rows of ${columns} columns`,
  );
}
