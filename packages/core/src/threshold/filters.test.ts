import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Spec } from '../base/component.ts';
import type { AnomalyFilter } from '../base/model.ts';
import { gaussianScorer } from '../model/gaussian-scorer.ts';
import { halfSpaceTrees } from '../model/half-space-trees.ts';
import { quantileFilter } from './quantile-filter.ts';
import { thresholdFilter } from './threshold-filter.ts';

interface Judged {
  scores: number[];
  classified: boolean[];
}
const { S1, cases } = JSON.parse(
  readFileSync(new URL('../../../../golden/river_cases.json', import.meta.url), 'utf8'),
) as { S1: number[]; cases: Record<string, Judged> };
const trees = halfSpaceTrees({
  features: ['x'],
  trees: 10,
  height: 8,
  window: 50,
  limits: { x: [0, 1200] },
  seed: 11,
});

/** Scores, judges and learns each value in turn. */
function judged(spec: Spec<AnomalyFilter>): Judged {
  const filter = spec.create();
  const scores = S1.map((x): [number, boolean] => {
    const score = filter.scoreOne([x]);
    const verdict = filter.isAnomaly(score);
    filter.learnOne([x]);
    return [score, verdict];
  });
  return { scores: scores.map(([score]) => score), classified: scores.map(([, verdict]) => verdict) };
}

function assertSame(got: Judged, name: string, tolerance = 0): void {
  const { scores, classified } = cases[name] as Judged;
  assert.deepEqual(got.classified, classified);
  got.scores.forEach((score, i) => {
    const wanted = scores[i] as number;
    assert.ok(Math.abs(score - wanted) <= tolerance * wanted, `${i}: ${score} is not ${wanted}`);
  });
}

test('the quantile filter of River to the bit, protected and not', () => {
  assertSame(judged(quantileFilter({ model: trees, q: 0.95 })), 'quantile_filter_hst_q0.95_protect_True');
  assertSame(
    judged(quantileFilter({ model: trees, q: 0.95, protect: false })),
    'quantile_filter_hst_q0.95_protect_False',
  );
});

test('the threshold filter of River, protected: over half-space trees to the bit, over a Gaussian to 1e-12', () => {
  assertSame(
    judged(thresholdFilter({ model: trees, threshold: 0.8 })),
    'threshold_filter_hst_0.8_protect_True',
  );
  const gaussian = gaussianScorer({ features: ['x'], window: 50, grace: 30 });
  assertSame(
    judged(thresholdFilter({ model: gaussian, threshold: 0.995 })),
    'threshold_filter_gaussian_0.995',
    1e-12,
  );
});

test('without protection the model learns everything, where River learns nothing', () => {
  const got = judged(thresholdFilter({ model: trees, threshold: 0.8, protect: false }));
  assert.ok(cases['threshold_filter_hst_0.8_protect_False']?.scores.every((score) => score === 0));
  const bare = trees.create();
  const scores = S1.map((x) => {
    const score = bare.scoreOne([x]);
    bare.learnOne([x]);
    return score;
  });
  assert.deepEqual(got.scores, scores);
  assert.deepEqual(
    got.classified,
    scores.map((score) => score >= 0.8),
  );
});

test('no verdict before the model is ready, nor on NaN', () => {
  const filter = thresholdFilter({ model: trees, threshold: 0.5 }).create();
  assert.equal(filter.isAnomaly(0.9), false);
  for (let i = 0; i < 50; i++) filter.learnOne([600]);
  assert.equal(filter.isAnomaly(0.9), true);
  assert.equal(filter.isAnomaly(NaN), false);
});

test('a restore that fails half way leaves model and limit as they were', () => {
  const make = (q: number) => quantileFilter({ model: trees, q }).create();
  const [one, other] = [make(0.9), make(0.8)];
  for (const x of S1) one.learnOne([x]);
  const before = one.snapshot();
  assert.throws(() => one.restore(other.snapshot()), { code: 'snapshot.invalid' });
  assert.deepEqual(one.snapshot(), before);
});

test('what is no model, and a threshold of 0, are refused', () => {
  const wrong = { model: {}, threshold: 1 } as unknown as Parameters<typeof thresholdFilter>[0];
  assert.throws(() => thresholdFilter(wrong), /threshold-filter.model: {} is not a configured model/);
  assert.throws(() => thresholdFilter({ model: trees, threshold: 0 }), /take one above 0/);
});
