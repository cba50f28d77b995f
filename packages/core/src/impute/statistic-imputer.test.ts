import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { statisticImputer } from './statistic-imputer.ts';

const { cases } = JSON.parse(
  readFileSync(new URL('../../../../golden/river_cases.json', import.meta.url), 'utf8'),
) as { cases: { stat_imputer_mean: { inputs: (number | null)[]; outputs: number[] }[] } };
type Statistic = 'mean' | 'median' | 'mode' | 'constant' | 'last';

/** Learns, then transforms, each value in turn. */
function filled(statistic: Statistic, inputs: readonly (number | null)[], value = 0): number[] {
  const imputer = statisticImputer({ features: ['x'], statistic, value }).create();
  const out = new Float64Array(1);
  return inputs.map((x) => {
    imputer.learnOne([x ?? NaN]);
    imputer.transformOne([x ?? NaN], out);
    return out[0] as number;
  });
}

test('the running mean of River, 0 before the first value, whole numbers kept whole', () => {
  for (const { inputs, outputs } of cases.stat_imputer_mean)
    assert.deepEqual(filled('mean', inputs), outputs);
});

test('median, mode, last and constant', () => {
  const inputs = [null, 3, 8, null, 3, 4, null];
  assert.deepEqual(filled('median', inputs), [NaN, 3, 8, 8, 3, 4, 4]);
  assert.deepEqual(filled('mode', inputs), [NaN, 3, 8, 3, 3, 4, 3]);
  assert.deepEqual(filled('last', inputs), [NaN, 3, 8, 8, 3, 4, 4]);
  assert.deepEqual(filled('constant', inputs, -1), [-1, 3, 8, -1, 3, 4, -1]);
});

test('infinities are missing', () => {
  assert.deepEqual(filled('mean', [4, Infinity, -Infinity, 6]), [4, 4, 4, 6]);
});

test('each feature has its own statistic, and the vector may be transformed in place', () => {
  const imputer = statisticImputer({ features: ['a', 'b'], statistic: 'last' }).create();
  imputer.learnOne([1, NaN]);
  assert.equal(imputer.ready, false);
  imputer.learnOne([NaN, 2]);
  assert.equal(imputer.ready, true);
  const x = Float64Array.of(NaN, NaN);
  imputer.transformOne(x, x);
  assert.deepEqual([...x], [1, 2]);
});
