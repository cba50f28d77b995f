import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ModelSpec } from '../../base/component.ts';
import { EwVariance } from '../../math/exponential.ts';
import { zScoreMax } from '../../math/z-score-max.ts';
import { gaussianScorer } from '../gaussian-scorer.ts';
import { zScore } from '../z-score.ts';

const { S1, cases } = JSON.parse(
  readFileSync(new URL('../../../../../golden/river_cases.json', import.meta.url), 'utf8'),
) as { S1: number[]; cases: Record<string, { outputs: number[] }> };

function scores(spec: ModelSpec, inputs: readonly number[]): number[] {
  const model = spec.create();
  return inputs.map((x) => {
    const score = model.scoreOne([x]);
    model.learnOne([x]);
    return score;
  });
}

for (const [name, window] of [
  ['None', 0],
  ['50', 50],
] as const) {
  test(`the Gaussian scorer of River with window ${name} to 1e-12`, () => {
    const expected = cases[`gaussian_scorer_window_${name}_grace_30`]?.outputs as number[];
    scores(gaussianScorer({ features: ['x'], window, grace: 30 }), S1).forEach((score, i) => {
      const wanted = expected[i] as number;
      assert.ok(Math.abs(score - wanted) <= 1e-12 * wanted, `${i}: ${score} is not ${wanted}`);
    });
  });
}

test('a rolling z-score is the distance from the population mean of the window in its deviations', () => {
  const got = scores(zScore({ features: ['x'], window: 20, grace: 20 }), S1);
  for (let i = 20; i < S1.length; i++) {
    const past = S1.slice(i - 20, i);
    const mean = past.reduce((sum, x) => sum + x, 0) / 20;
    const variance = past.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 20;
    const wanted = Math.abs((S1[i] as number) - mean) / Math.sqrt(variance);
    assert.ok(Math.abs((got[i] as number) - wanted) <= 1e-10 * wanted);
  }
});

test('a robust z-score is the distance from the median in scaled median absolute deviations', () => {
  const median = (values: readonly number[]) => {
    const sorted = values.toSorted((a, b) => a - b);
    return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
  };
  for (const window of [9, 10]) {
    const got = scores(zScore({ features: ['x'], kind: 'robust', window, grace: 2 }), S1);
    for (let i = 2; i < S1.length; i++) {
      const past = S1.slice(Math.max(0, i - window), i);
      const center = median(past);
      const mad = median(past.map((x) => Math.abs(x - center)));
      const wanted = Math.abs((S1[i] as number) - center) / (1.4826022185056018 * mad);
      assert.ok(Math.abs((got[i] as number) - wanted) <= 1e-12 * wanted);
    }
  }
});

test('an anomaly that was learned hides the next one from a rolling z-score, not from a robust one', () => {
  const inputs = [...Array.from({ length: 50 }, (_, i) => 20 + (i % 5)), 900, 900];
  const last = (kind: 'rolling' | 'robust') =>
    scores(zScore({ features: ['x'], kind, window: 50, grace: 50 }), inputs).at(-1) as number;
  assert.ok(last('rolling') < 10);
  assert.ok(last('robust') > 100);
});

test('an exponential z-score is the distance from River’s weighted mean in its weighted deviations', () => {
  const variance = new EwVariance(0.05);
  const got = scores(zScore({ features: ['x'], kind: 'exponential', grace: 2 }), S1);
  S1.forEach((x, i) => {
    const wanted = i < 2 ? 0 : Math.abs(x - variance.mean.value) / Math.sqrt(variance.value);
    assert.ok(Math.abs((got[i] as number) - wanted) <= 1e-9 * wanted);
    variance.update(x);
  });
});

test('a spread that is small beside the level is measured', () => {
  const level = Array.from({ length: 200 }, (_, i) => 1e9 + (i % 2));
  for (const kind of ['rolling', 'exponential', 'robust'] as const) {
    const last = scores(zScore({ features: ['x'], kind }), [...level, 1e9 + 10.5]).at(-1) as number;
    assert.ok(last > 13 && last < 21, `${kind}: ${last}`);
  }
});

test('an exponential z-score follows a drift', () => {
  const drift = Array.from({ length: 400 }, (_, i) => i + ((i * 7) % 5));
  const got = scores(zScore({ features: ['x'], kind: 'exponential', fading: 0.1 }), [...drift, 800]);
  assert.ok(Math.max(...got.slice(200, 400)) < 4);
  assert.ok((got[400] as number) > 20);
});

test('the verdict needs a warm model and a score above the threshold', () => {
  const model = zScore({ features: ['x'], grace: 3, window: 3 }).create();
  assert.equal(model.isAnomaly(99), false);
  for (const x of [1, 2, 3]) model.learnOne([x]);
  assert.deepEqual(
    [2, 2.1, NaN].map((score) => model.isAnomaly(score)),
    [false, true, false],
  );
});

test('the greatest |z| among n readings is the root of n - 1, and a model says when that is too little', () => {
  assert.equal(zScoreMax(5), 2);
  assert.equal(zScoreMax(0), 0);
  assert.equal(zScore({ features: ['x'], window: 5, grace: 5 }).create().reachable, false);
  assert.equal(zScore({ features: ['x'], window: 6, grace: 5 }).create().reachable, true);
});

test('of several features the strangest counts, and missing ones are skipped', () => {
  const model = zScore({ features: ['a', 'b', 'c'], grace: 4, window: 4 }).create();
  for (const x of [20, 22, 20, 22]) model.learnOne([x, 10 * x, NaN]);
  assert.equal(model.scoreOne([22, 260, 5]), 5);
  assert.equal(model.scoreOne([22, NaN, 5]), 1);
  assert.equal(model.scoreOne([NaN, NaN, 5]), 0);
  assert.ok(Number.isNaN(model.scoreOne([NaN, Infinity, -Infinity])));
});

for (const component of [zScore, gaussianScorer]) {
  test(`${component.about.name}: a constant past measures nothing, unless the least spread is given`, () => {
    const constant = (spreadMin: number) => {
      const model = component({ features: ['x'], grace: 30, window: 50, spreadMin }).create();
      for (let i = 0; i < 60; i++) model.learnOne([45]);
      return [45, 46].map((x) => model.scoreOne([x]));
    };
    assert.deepEqual(constant(0), [0, 0]);
    const [same, other] = constant(0.5) as [number, number];
    assert.equal(same, 0);
    assert.ok(other > 0.95);
  });

  test(`${component.about.name}: a grace that the window never reaches is refused`, () => {
    assert.throws(() => component({ features: ['x'], grace: 60, window: 50 }), {
      code: 'config.invalid',
      message: `${component.about.name}.grace: 60 readings are never reached in a window of 50`,
    });
  });
}
