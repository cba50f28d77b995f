import { LinnetError } from '../../base/error.ts';
import { RandR } from '../../random/rand-r.ts';
import { RandomState } from '../../random/random-state.ts';
import { TreeGrower, type IsolationTree, type TreeSample } from './tree.ts';
import { asReading } from './walk.ts';

export interface ForestParams {
  readonly trees: number;
  readonly maxSamples: number | 'auto';
  readonly contamination: number | 'auto';
  readonly maxFeatures: number | 'all';
  readonly bootstrap: boolean;
  readonly seed: number;
}

export interface GrownForest {
  readonly trees: readonly IsolationTree[];
  readonly columns: number;
  /** Rows drawn for each tree. */
  readonly samples: number;
}

const SEEDS = 2 ** 31 - 1;

/**
 * Draws seeds, columns and rows as scikit-learn 1.9.1 does (ensemble/_iforest.py, _bagging.py, tree/_splitter.pyx) and grows
 * the trees. Every generator there is seeded anew from a seed that another one drew.
 */
export function growForest(
  params: ForestParams,
  x: Float64Array,
  rows: number,
  columns: number,
): GrownForest {
  const samples = Math.min(params.maxSamples === 'auto' ? 256 : params.maxSamples, rows);
  const width = params.maxFeatures === 'all' ? columns : params.maxFeatures;
  if (width > columns) {
    throw new LinnetError(
      'config.invalid',
      `isolation-forest.maxFeatures: ${width} is more than the ${columns} columns`,
    );
  }
  const grower = new TreeGrower(samples, width, Math.ceil(Math.log2(Math.max(samples, 2))));
  const targets = randoms(params.seed, rows);
  const seeds = new RandomState(params.seed);
  const trees = Array.from({ length: params.trees }, () => {
    const seed = seeds.randint(SEEDS);
    const draws = new RandomState(seed);
    const picked = draws.sampleWithoutReplacement(columns, width);
    const chosen = width === columns ? picked.toSorted() : picked;
    const drawn = params.bootstrap
      ? Int32Array.from({ length: samples }, () => draws.randint(rows))
      : draws.sampleWithoutReplacement(rows, samples);
    const sample = gather(x, columns, drawn.toSorted(), chosen, targets);
    const splits = new RandomState(new RandomState(seed).randint(SEEDS)).randint(SEEDS);
    return inColumns(grower.grow(sample, new RandR(splits)), chosen);
  });
  return { trees, columns, samples };
}

/** The random numbers that the trees "predict"; they matter only where they are nearly equal. */
function randoms(seed: number, count: number): Float64Array {
  const state = new RandomState(seed);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = state.random();
  return values;
}

/** @param drawn row numbers in rising order, with repeats where a bootstrap drew a row again */
function gather(
  x: Float64Array,
  columns: number,
  drawn: Int32Array,
  chosen: Int32Array,
  targets: Float64Array,
): TreeSample {
  const width = chosen.length;
  const part = new Float32Array(drawn.length * width);
  const target = new Float64Array(drawn.length);
  const weight = new Float64Array(drawn.length);
  let rows = 0;
  for (let i = 0; i < drawn.length; i++) {
    const row = drawn[i] as number;
    if (i > 0 && row === drawn[i - 1]) {
      weight[rows - 1] = (weight[rows - 1] as number) + 1;
      continue;
    }
    for (let j = 0; j < width; j++)
      part[rows * width + j] = asReading(x[row * columns + (chosen[j] as number)] as number);
    target[rows] = targets[row] as number;
    weight[rows++] = 1;
  }
  return { x: part, rows, target, weight };
}

/** Renames the columns of a tree that was grown from some of them. */
function inColumns(tree: IsolationTree, chosen: Int32Array): IsolationTree {
  return {
    ...tree,
    feature: tree.feature.map((feature) => (feature < 0 ? feature : (chosen[feature] as number))),
  };
}
