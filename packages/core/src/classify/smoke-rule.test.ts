import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smokeRule, type Anomaly } from './smoke-rule.ts';

const classify = smokeRule();
const at = (sensor: string, ...values: number[]): Anomaly[] =>
  values.map((value, i) => ({ sensor, time: 1000 * (i + 1), value }));
const steady = at('a', 100, 101, 99, 100, 102, 98, 100, 101, 99, 100);

test('two sensors are smoke, whatever their readings', () => {
  const verdict = classify([...at('b', 60), ...at('a', 900)]);
  assert.deepEqual(verdict.sensors, ['a', 'b']);
  assert.equal(verdict.malfunction, false);
  assert.equal(verdict.variation, null);
});

test('one sensor with few anomalies is broken', () => {
  assert.equal(classify(steady.slice(1)).malfunction, true);
  assert.equal(classify(steady.slice(1)).variation, null);
});

test('one sensor with ten steady anomalies is smoke, with wild ones it is broken', () => {
  assert.equal(classify(steady).malfunction, false);
  assert.ok((classify(steady).variation ?? 1) < 0.02);
  const wild = classify(at('a', 51, 900, 60, 1000, 55, 800, 70, 990, 52, 700));
  assert.equal(wild.malfunction, true);
  assert.ok((wild.variation ?? 0) > 0.3);
});

test('it says when it began and how high it went', () => {
  const { first, highest, values } = classify(steady.toReversed());
  assert.deepEqual([first, highest, values.length], [1000, 102, 10]);
});
