import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { golden as purpleair, imputedSnapshot, withoutFirstColumn } from '../../../../bench/purpleair.ts';
import { SnapshotWriter } from '../base/snapshot.ts';
import { isolationForest } from './isolation-forest.ts';
import { IsolationForest } from './isolation/forest.ts';
import { growForest } from './isolation/grow.ts';
import { averagePathLength } from './isolation/score.ts';

interface Case {
  readonly name: string;
  readonly params: {
    readonly n_estimators: number;
    readonly contamination: number | 'auto';
    readonly random_state: number;
    readonly max_features?: number;
    readonly bootstrap?: boolean;
  };
  readonly X: number[][];
  readonly X_score: number[][] | null;
  readonly max_samples_: number;
  readonly offset_: number;
  readonly score_samples: number[];
  readonly predict: number[];
  readonly trees: {
    readonly feature: number[];
    readonly threshold: number[];
    readonly children_left: number[];
    readonly children_right: number[];
    readonly n_node_samples: number[];
    readonly features_used: number[];
  }[];
}

const golden = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../../golden/${name}.json`, import.meta.url), 'utf8')) as T;
const sklearn = golden<{ isolation_forest: Case[]; average_path_length: { n: number[]; c: number[] } }>(
  'sklearn_cases',
);
const flat = (rows: readonly (readonly number[])[]) => Float64Array.from(rows.flat());

function paramsOf({ params }: Case) {
  const { n_estimators: trees, contamination, random_state: seed, bootstrap = false } = params;
  const maxFeatures = params.max_features ?? ('all' as const);
  return { trees, contamination, seed, bootstrap, maxFeatures, maxSamples: 'auto' as const };
}

for (const one of sklearn.isolation_forest) {
  test(`scikit-learn's trees, scores, offset and verdicts: ${one.name}`, () => {
    const [rows, columns] = [one.X.length, one.X[0]?.length ?? 0];
    const { trees, samples } = growForest(paramsOf(one), flat(one.X), rows, columns);
    assert.equal(samples, one.max_samples_);
    one.trees.forEach((expected, i) => {
      const tree = trees[i] ?? assert.fail('a tree is missing');
      const feature = expected.feature.map((at) => (at < 0 ? at : expected.features_used[at]));
      assert.deepEqual([...tree.feature], feature);
      assert.deepEqual([...tree.threshold], expected.threshold);
      assert.deepEqual([...tree.left], expected.children_left);
      assert.deepEqual([...tree.right], expected.children_right);
      assert.deepEqual([...tree.size], expected.n_node_samples);
    });
    const forest = isolationForest(paramsOf(one)).create();
    forest.fit(flat(one.X), rows, columns);
    const asked = one.X_score ?? one.X;
    assert.equal(forest.offset, one.offset_);
    assert.deepEqual([...forest.scoreSamples(flat(asked), asked.length)], one.score_samples);
    assert.deepEqual([...forest.predict(flat(asked), asked.length)], one.predict);
  });
}

test('scikit-learn’s average path lengths', () => {
  const { n, c } = sklearn.average_path_length;
  assert.deepEqual(n.map(averagePathLength), c);
});

const snapshotForest = () => isolationForest({ contamination: 0.01, seed: 42 }).create();

test('the PurpleAir snapshot scores as scikit-learn scores it: offset, 256 anomalies, every score', () => {
  const expected = purpleair();
  const { x, rows, columns } = imputedSnapshot();
  const forest = snapshotForest();
  forest.fit(x, rows, columns);
  const scores = forest.scoreSamples(x, rows);
  assert.equal(forest.offset, expected.offset_);
  assert.equal(forest.offset, -0.6885897911473712);
  const anomalies = [...forest.verdicts(scores)].flatMap((verdict, row) => (verdict < 0 ? [row] : []));
  assert.equal(anomalies.length, 256);
  assert.deepEqual(anomalies, expected.anomalies_rows);
  const every = (step: number, of: Float64Array) => [...of].filter((_, row) => row % step === 0);
  assert.deepEqual(every(100, scores), expected.every100);
  for (const [row, sensor, score] of expected.lowest100) {
    assert.equal(x[row * columns], sensor);
    assert.equal(scores[row], score);
  }
});

test('the snapshot without its sensor_index', () => {
  const expected = purpleair().without_sensor_index;
  const { x, rows, columns } = withoutFirstColumn(imputedSnapshot());
  const forest = snapshotForest();
  forest.fit(x, rows, columns);
  const scores = forest.scoreSamples(x, rows);
  assert.equal(forest.offset, expected.offset_);
  assert.equal(scores[100], expected.score_row100);
  assert.equal(scores[127], expected.score_row127);
  assert.deepEqual(
    [...scores].filter((_, row) => row % 1000 === 0),
    expected.every1000,
  );
  assert.equal(forest.predict(x, rows).filter((verdict) => verdict < 0).length, expected.n_anomalies);
});

test('a forest that is saved and loaded scores the same to the bit; damaged or foreign bytes are refused', () => {
  const { X } = sklearn.isolation_forest[0] ?? assert.fail('a case');
  const forest = isolationForest({ trees: 20, contamination: 0.1, seed: 3, bootstrap: true }).create();
  forest.fit(flat(X), 50, 3);
  const bytes = forest.save();
  const loaded = IsolationForest.load(bytes);
  assert.deepEqual(loaded.params, forest.params);
  assert.equal(loaded.offset, forest.offset);
  const strange = Float64Array.of(NaN, 1, -2, 0, NaN, NaN, 9, 9, 9);
  assert.deepEqual(loaded.scoreSamples(strange, 3), forest.scoreSamples(strange, 3));
  assert.deepEqual(loaded.explain([9, 0, 0]), forest.explain([9, 0, 0]));
  assert.deepEqual(loaded.save(), bytes);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 4;
  assert.throws(() => IsolationForest.load(bytes), { code: 'snapshot.invalid' });
  const other = new SnapshotWriter('half-space-trees', 1).finish();
  assert.throws(() => IsolationForest.load(other), /holds the state of "half-space-trees"/);
});

test('nodes that make no tree are refused even under a right checksum', () => {
  const head = () =>
    new SnapshotWriter('isolation-forest', 1)
      .u32(0)
      .f64(NaN)
      .u32(0)
      .u8(0)
      .u32(1)
      .f64(-0.5)
      .u32(2)
      .u32(8)
      .u32(1);
  const leaf = (writer: SnapshotWriter) => writer.u32(1).u32(0);
  const cut = (writer: SnapshotWriter, column: number) => writer.u32(2).u32(column).f64(1).u8(0);
  const load = (writer: SnapshotWriter) => () => IsolationForest.load(writer.finish());
  assert.doesNotThrow(load(leaf(leaf(cut(head().u32(3), 2)))));
  assert.throws(load(leaf(leaf(cut(head().u32(3), 3)))), /do not make a tree/);
  assert.throws(load(leaf(cut(head().u32(2), 1))), /do not make a tree/);
  assert.throws(load(leaf(leaf(head().u32(2)))), /do not make a tree/);
  assert.throws(load(cut(head().u32(1), 1)), /do not make a tree/);
});
