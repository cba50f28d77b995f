import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dryRun } from '../index.ts';

test('many sensors, long deadlines and values without rhyme: messages of any size', () => {
  let state = 5;
  const next = (): number => (state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647) / 2_147_483_647;
  const sensors = Array.from({ length: 60 }, (_, j) => `s${j}`);
  const columns = sensors.map(() => Float64Array.from({ length: 300 }, () => next() * 5000));
  const series = { times: Float64Array.from({ length: 300 }, (_, i) => i * 1000), sensors, columns };
  const { messages, largestPayload, framed, bytes, maxPart } = dryRun(series, {
    epsilons: sensors.map(() => 0.01),
    deadline: 200,
    heartbeat: 201,
    tolerance: 0,
    predictor: { name: 'linear' },
  });
  assert.equal(messages, 2);
  assert.ok(largestPayload > 25_000 && framed > bytes);
  assert.ok(maxPart <= 1);
});
