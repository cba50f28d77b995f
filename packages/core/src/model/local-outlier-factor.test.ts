import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { localOutlierFactor } from './local-outlier-factor.ts';

const { S3, S3_names, cases } = JSON.parse(
  readFileSync(new URL('../../../../golden/river_cases.json', import.meta.url), 'utf8'),
) as { S3: number[][]; S3_names: string[]; cases: { lof_k10: { outputs: number[] } } };

test('the local outlier factor of River to the bit', () => {
  const model = localOutlierFactor({ features: S3_names }).create();
  const got = S3.map((x) => {
    const score = model.scoreOne(x);
    model.learnOne(x);
    return score;
  });
  assert.deepEqual(got, cases.lof_k10.outputs);
});

test('only the last readings count', () => {
  const scores = (inputs: readonly number[][]) => {
    const model = localOutlierFactor({ features: S3_names, window: 40 }).create();
    for (const x of inputs) model.learnOne(x);
    return S3.slice(0, 20).map((x) => model.scoreOne(x));
  };
  assert.deepEqual(scores(S3), scores(S3.slice(-40)));
});

test('coinciding readings and a constant column give finite scores', () => {
  const model = localOutlierFactor({ features: ['a', 'b'], neighbors: 3 }).create();
  for (let i = 0; i < 50; i++) model.learnOne([i % 2, 7]);
  assert.ok(Math.abs(model.scoreOne([0, 7]) - 1) < 1e-9);
  assert.ok(model.scoreOne([0.5, 7]) > 1000);
});

test('a vector with a gap is not learned and scores NaN', () => {
  const model = localOutlierFactor({ features: ['a', 'b'] }).create();
  const before = model.snapshot();
  for (const gap of [NaN, Infinity, -Infinity]) {
    model.learnOne([1, gap]);
    assert.ok(Number.isNaN(model.scoreOne([1, gap])));
  }
  assert.deepEqual(model.snapshot(), before);
});
