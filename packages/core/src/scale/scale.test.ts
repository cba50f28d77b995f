import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TransformerSpec } from '../base/component.ts';
import { minMaxScaler } from './min-max-scaler.ts';
import { standardScaler } from './standard-scaler.ts';

const golden = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../golden/${file}`, import.meta.url), 'utf8'));
const { S1, cases } = golden('river_cases.json') as {
  S1: number[];
  cases: Record<string, { outputs: number[] }>;
};

function scaled(spec: TransformerSpec, inputs: readonly number[]): number[] {
  const scaler = spec.create();
  const out = new Float64Array(1);
  return inputs.map((x) => {
    scaler.learnOne([x]);
    scaler.transformOne([x], out);
    return out[0] as number;
  });
}

test('the standard scaler of River to 1e-12, the min-max scaler to the bit', () => {
  const expected = cases['standard_scaler']?.outputs as number[];
  scaled(standardScaler({ features: ['x'] }), S1).forEach((value, i) => {
    const wanted = expected[i] as number;
    assert.ok(Math.abs(value - wanted) <= 1e-12 * Math.abs(wanted), `${i}: ${value} is not ${wanted}`);
  });
  assert.deepEqual(scaled(minMaxScaler({ features: ['x'] }), S1), cases['min_max_scaler']?.outputs);
});

test("after the last row the standard scaler is scikit-learn's, to 1e-12", () => {
  const { standard_scaler_seed003: sets } = golden('sklearn_cases.json') as {
    standard_scaler_seed003: { x: number[]; z: number[] }[];
  };
  for (const { x, z } of sets) {
    const scaler = standardScaler({ features: ['x'] }).create();
    const out = new Float64Array(1);
    for (const value of x) scaler.learnOne([value]);
    x.forEach((value, i) => {
      scaler.transformOne([value], out);
      const expected = z[i] as number;
      assert.ok(Math.abs((out[0] as number) - expected) <= 1e-12 * Math.max(1, Math.abs(expected)));
    });
  }
});

for (const scaler of [standardScaler, minMaxScaler]) {
  test(`${scaler.about.name}: a constant feature becomes 0, a missing one stays missing`, () => {
    const one = scaler({ features: ['a', 'b'] }).create();
    const out = new Float64Array(2);
    one.transformOne([5, 5], out);
    assert.deepEqual([...out], [0, 0]);
    for (const b of [1, NaN, Infinity, 3]) one.learnOne([7, b]);
    one.transformOne([7, -Infinity], out);
    assert.deepEqual([...out], [0, NaN]);
    one.transformOne([8, 3], out);
    assert.deepEqual([...out], [0, 1]);
  });
}
