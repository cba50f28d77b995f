/** The parts of `linnet batch` on the bundled snapshot (25,552 x 15), the forest on a larger table, and the command as a whole. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isolationForest, knnImputer, zScores } from '@linnet/core';
import { imputedSnapshot, snapshot, type Matrix } from './purpleair.ts';
import type { Round, Scenario, ScriptPeer } from './scenario.ts';

const ROWS = 100_000;
const COLUMNS = 14;
const VALUES = 10_000_000;

const sklearn = (script: string, recorded: number): ScriptPeer => ({
  name: 'scikit-learn 1.9.1',
  recorded,
  script,
});

export const scenarios: readonly Scenario[] = [
  {
    id: 'knn-snapshot',
    unit: 's',
    target: { timesPeer: 1 / 3 },
    peer: sklearn('sklearn_knn.py', 2.55),
    prepare() {
      const matrix = snapshot();
      return () => seconds(() => impute(matrix));
    },
  },
  {
    id: 'knn-snapshot-rss',
    unit: 'MB',
    target: 300,
    peer: sklearn('sklearn_knn.py', 1060),
    fresh: true,
    prepare() {
      const matrix = snapshot();
      return () => {
        impute(matrix);
        return process.resourceUsage().maxRSS / 1024;
      };
    },
  },
  forest('forest-fit-snapshot', imputedSnapshot, 'fit', sklearn('sklearn_forest.py', 0.268)),
  forest('forest-score-snapshot', imputedSnapshot, 'score', sklearn('sklearn_forest.py', 0.082)),
  forest('forest-fit-100k-14', normalTable, 'fit', sklearn('sklearn_forest.py', 0.53)),
  forest('forest-score-100k-14', normalTable, 'score', sklearn('sklearn_forest.py', 0.375)),
  {
    id: 'zscore-10m',
    unit: 's',
    target: { timesPeer: 1 },
    warmup: 3,
    // Both sides write into an array that is there already.
    peer: { name: 'numpy 2.4.6', recorded: 0.101, script: 'numpy_zscore.py' },
    prepare() {
      const values = normals(VALUES);
      const scores = new Float64Array(VALUES);
      return () => seconds(() => zScores(values, scores));
    },
  },
  {
    id: 'batch-command',
    unit: 's',
    target: 1.5,
    prepare: () => () => seconds(batchCommand),
  },
];

function forest(id: string, table: () => Matrix, part: 'fit' | 'score', peer: ScriptPeer): Scenario {
  return {
    id,
    unit: 's',
    // At least 1.5 times as fast.
    target: { timesPeer: 1 / 1.5 },
    peer,
    prepare: () => forestRound(table(), part),
  };
}

function forestRound({ x, rows, columns }: Matrix, part: 'fit' | 'score'): Round {
  // With a contamination, fitting includes the offset: every row is scored.
  const model = isolationForest({ trees: 100, contamination: 0.01, seed: 42 }).create();
  if (part === 'fit') return () => seconds(() => model.fit(x, rows, columns));
  model.fit(x, rows, columns);
  return () => seconds(() => model.scoreSamples(x, rows));
}

function impute({ x, rows, columns }: Matrix): void {
  const imputer = knnImputer({ neighbors: 5 }).create();
  imputer.fit(x, rows, columns);
  imputer.transform(x, rows);
}

/** The whole process, as a person starts it. */
function batchCommand(): void {
  const cli = join(import.meta.dirname, '../apps/cli/src/main.ts');
  const data = join(import.meta.dirname, '../examples/purpleair/data.json');
  const args = ['--conditions=source', cli, 'batch', data, '--output', 'json'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`linnet batch failed: ${stderr}`);
}

function normalTable(): Matrix {
  return { x: normals(ROWS * COLUMNS), rows: ROWS, columns: COLUMNS };
}

/** Numbers of about a normal distribution, always the same: the sum of twelve uniform ones. */
function normals(count: number): Float64Array {
  const values = new Float64Array(count);
  let state = 42;
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let part = 0; part < 12; part++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      sum += state;
    }
    values[i] = 20 + 5 * (sum / 2 ** 32 - 6);
  }
  return values;
}

function seconds(work: () => void): number {
  const from = performance.now();
  work();
  return (performance.now() - from) / 1000;
}
