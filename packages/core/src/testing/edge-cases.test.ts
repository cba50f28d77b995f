/** What every component makes of input at the edge: many features, none, the same twice, one that never comes, no spread. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinnetError } from '../base/error.ts';
import type { Spec } from '../base/component.ts';
import { catalog } from '../catalog.gen.ts';
import { markedSeries } from './series.ts';
import { isOnline, subjectOf, type Online } from './subject.ts';

const ROWS = 600;

/** Every online component that reads features by name, over the given ones. */
function over(features: readonly string[]): [string, Spec<Online>][] {
  return Object.entries(catalog).flatMap(([name, component]) => {
    const { params } = component.about;
    const model = catalog.halfSpaceTrees({ features, window: 50 });
    const given: Record<string, unknown> = {};
    if ('features' in params) given['features'] = features;
    else if ('model' in params) given['model'] = model;
    else return [];
    if ('threshold' in params && params.threshold.default === undefined) given['threshold'] = 0.9;
    if ('q' in params) given['q'] = 0.9;
    if ('statistic' in params) given['statistic'] = 'mean';
    const spec = (component as unknown as (given: object) => Spec<unknown>)(given);
    return isOnline(spec.create()) ? [[name, spec as Spec<Online>] as [string, Spec<Online>]] : [];
  });
}

/** Learns every row; what it says of each along the way. */
function follow(spec: Spec<Online>, rows: readonly Float64Array[]): number[][] {
  const subject = subjectOf(spec);
  return rows.map((row) => {
    const said = subject.probe(row);
    subject.learn(row);
    return said;
  });
}

const named = (count: number) => Array.from({ length: count }, (_, i) => `f${i}`);

test('the components under test', () => {
  assert.ok(
    over(['a']).length >= 8,
    over(['a'])
      .map(([name]) => name)
      .join(', '),
  );
});

for (const [name, spec] of over(named(200))) {
  test(`${name}: 200 features give finite numbers and a state that stays within its statement`, () => {
    const subject = subjectOf(spec);
    const { bytes } = subject.instance;
    for (const row of markedSeries(ROWS, 200, 5).rows) {
      const said = subject.probe(row);
      subject.learn(row);
      assert.ok(said.every(Number.isFinite), said.join(', '));
    }
    assert.ok(subject.instance.bytes <= bytes);
  });
}

for (const [name, spec] of over(['a', 'b'])) {
  test(`${name}: a feature that never comes leaves the other to be judged`, () => {
    const rows = markedSeries(ROWS, 1, 5).rows.map(([a = 0]) => Float64Array.of(a, NaN));
    const subject = subjectOf(spec);
    for (const row of rows) subject.learn(row);
    const said = subject.probe(rows.at(-1) as Float64Array)[0] as number;
    // Distances need whole vectors: it learns none of these, and says so by NaN.
    const needsWhole = name === 'localOutlierFactor';
    assert.equal(Number.isNaN(said), needsWhole);
    if ('scoreOne' in subject.instance) assert.equal(subject.instance.ready, !needsWhole);
  });

  test(`${name}: two features with the same values are as finite as one`, () => {
    const rows = markedSeries(ROWS, 1, 5).rows.map(([a = 0]) => Float64Array.of(a, a));
    for (const said of follow(spec, rows)) assert.ok(said.every(Number.isFinite), said.join(', '));
  });

  test(`${name}: constant features, then another value`, () => {
    const rows = Array.from({ length: ROWS }, () => Float64Array.of(0.5, 0.5));
    const subject = subjectOf(spec);
    for (const row of rows) {
      const said = subject.probe(row);
      assert.ok(said.every(Number.isFinite), said.join(', '));
      subject.learn(row);
    }
    const usual = subject.probe(Float64Array.of(0.5, 0.5))[0] as number;
    const other = subject.probe(Float64Array.of(0.9, 0.9))[0] as number;
    assert.ok(!Number.isNaN(other));
    if ('scoreOne' in subject.instance)
      assert.ok(other >= usual, `${other} for another value, ${usual} for the usual`);
  });

  test(`${name}: nothing learned yet`, () => {
    const subject = subjectOf(spec);
    for (const row of [
      Float64Array.of(1, 2),
      Float64Array.of(NaN, NaN),
      Float64Array.of(Infinity, -Infinity),
    ]) {
      const said = subject.probe(row);
      assert.equal(typeof said[0], 'number');
    }
    if ('scoreOne' in subject.instance) assert.equal(subject.instance.ready, false);
  });

  test(`${name}: the same feature twice, or none, is told when it is configured`, () => {
    for (const features of [['a', 'a'], []]) {
      assert.throws(
        () => over(features),
        (error) => error instanceof LinnetError && error.code === 'config.invalid',
      );
    }
  });
}

for (const [title, x, rows, columns] of [
  ['one row', [1, 2], 1, 2],
  ['constant columns', Array.from({ length: 40 }, () => 7), 20, 2],
  ['columns with the same values', Array.from({ length: 40 }, (_, i) => i >> 1), 20, 2],
  ['many columns', Array.from({ length: 300 * 20 }, (_, i) => (i * 7919) % 101), 20, 300],
] as const) {
  test(`isolation forest: ${title}`, () => {
    const forest = catalog.isolationForest({}).create();
    forest.fit(Float64Array.from(x), rows, columns);
    const scores = forest.scoreSamples(Float64Array.from(x), rows);
    assert.equal(scores.length, rows);
    assert.ok(
      scores.every((score) => score >= -1 && score <= 0),
      scores.join(', '),
    );
    assert.equal(forest.predict(Float64Array.from(x), rows).length, rows);
  });
}

test('isolation forest: NaN and the infinities are missing, and take the side that the tree drew', () => {
  const x = Float64Array.from({ length: 60 }, (_, i) => (i * 31) % 17);
  const scores = [NaN, Infinity, -Infinity].map((value) => {
    const forest = catalog.isolationForest({}).create();
    const holed = x.map((usual, i) => (i === 7 ? value : usual));
    forest.fit(holed, 30, 2);
    return [...forest.scoreSamples(holed, 30)];
  });
  assert.ok(scores[0]?.every((score) => score >= -1 && score <= 0));
  assert.deepEqual(scores[1], scores[0]);
  assert.deepEqual(scores[2], scores[0]);
});

test('isolation forest: no row at all is told', () => {
  assert.throws(
    () => catalog.isolationForest({}).create().fit(new Float64Array(0), 0, 2),
    (error) => error instanceof LinnetError && error.code === 'data.empty',
  );
});

test('k-nearest-neighbour imputer: fewer rows than neighbours, one row, no row, a column that is wholly missing', () => {
  const imputed = (rows: number, columns: number, ...x: number[]) => {
    const imputer = catalog.knnImputer({}).create();
    imputer.fit(Float64Array.from(x), rows, columns);
    return [...imputer.transform(Float64Array.from(x), rows)];
  };
  assert.deepEqual(imputed(3, 2, 1, 10, 2, 20, 3, NaN), [1, 10, 2, 20, 3, 15]);
  assert.deepEqual(imputed(1, 2, 1, 2), [1, 2]);
  assert.deepEqual(imputed(1, 2, 1, NaN), [1, NaN]);
  assert.deepEqual(imputed(2, 2, 1, NaN, 2, NaN), [1, NaN, 2, NaN]);
  assert.deepEqual(imputed(3, 2, 5, 5, 5, 5, 5, NaN), [5, 5, 5, 5, 5, 5]);
  assert.throws(
    () => imputed(0, 2),
    (error) => error instanceof LinnetError && error.code === 'data.empty',
  );
});
