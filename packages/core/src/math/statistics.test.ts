import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EwMean, EwVariance } from './exponential.ts';
import { Mad } from './mad.ts';
import { Mean } from './mean.ts';
import { Mode } from './mode.ts';
import { Rolling } from './rolling.ts';
import { RunningQuantile } from './running-quantile.ts';
import type { Statistic } from './statistic.ts';
import { Variance } from './variance.ts';

const { S1, cases } = JSON.parse(
  readFileSync(new URL('../../../../golden/river_cases.json', import.meta.url), 'utf8'),
) as { S1: number[]; cases: Record<string, { outputs: number[] }> };

function outputs(statistic: Statistic, inputs: readonly number[]): number[] {
  return inputs.map((x) => {
    statistic.update(x);
    return statistic.value;
  });
}

const exact: Record<string, Statistic> = {
  stat_mean: new Mean(),
  stat_var: new Variance(),
  'stat_ewmean_0.3': new EwMean(0.3),
  'stat_ewvar_0.3': new EwVariance(0.3),
  stat_mad: new Mad(),
  'quantile_0.5': new RunningQuantile(0.5),
  'quantile_0.95': new RunningQuantile(0.95),
};
for (const [name, statistic] of Object.entries(exact)) {
  test(`${name} of River to the bit`, () => {
    assert.deepEqual(outputs(statistic, S1), cases[name]?.outputs);
  });
}

test('rolling_mean_20 of River to 1e-12', () => {
  outputs(new Rolling(new Mean(), 20), S1).forEach((value, i) => {
    const expected = cases['stat_rolling_mean_20']?.outputs[i] as number;
    assert.ok(Math.abs(value - expected) <= 1e-12 * expected, `${i}: ${value} is not ${expected}`);
  });
});

test('a huge value leaves a rolling statistic with the window', () => {
  const rolling = new Rolling(new Variance(), 10);
  outputs(rolling, [1, 2, 3, 1e200, ...Array.from({ length: 20 }, (_, i) => i % 2)]);
  assert.equal(rolling.statistic.mean.value, 0.5);
  assert.ok(Math.abs(rolling.value - 2.5 / 9) < 1e-15);
});

test('the mode is the most frequent of the first 25 different values, the earliest of equals', () => {
  const mode = new Mode();
  assert.deepEqual(outputs(mode, [3, 1, 1, 3]), [3, 3, 1, 3]);
  for (let i = 0; i < 100; i++) mode.update(1000 + i);
  outputs(
    mode,
    Array.from({ length: 10 }, () => 1099),
  );
  assert.equal(mode.value, 3);
});

test('before the first value a mean is 0 and what needs a value is NaN', () => {
  assert.deepEqual(
    [new Mean(), new Variance(), new EwMean(0.5), new EwVariance(0.5)].map(({ value }) => value),
    [0, 0, 0, 0],
  );
  assert.deepEqual(
    [new RunningQuantile(0.5), new Mad(), new Mode()].map(({ value }) => value),
    [NaN, NaN, NaN],
  );
});
