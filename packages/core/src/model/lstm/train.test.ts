import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LstmTraining, type LstmSettings } from './train.ts';

const shape = { features: 2, units: 12, lookBack: 4, steps: 4, activation: 'relu' as const };
const settings: LstmSettings = { head: 'reconstruct', batch: 8, rate: 0.01, seed: 3, arithmetic: 'relaxed' };
const table = Float32Array.from({ length: 200 }, (_, i) => Math.sin(Math.floor(i / 2) / 5 + (i % 2)));
const windows = Int32Array.from({ length: 90 }, (_, i) => i);

test('training lowers the loss, and a seed fixes every bit', () => {
  const runs = [1, 2].map(() => {
    const training = new LstmTraining(shape, settings, table, windows.length);
    const losses = Array.from({ length: 12 }, () => training.learn(windows));
    return { losses, weights: training.network.weights() };
  });
  assert.deepEqual(runs[0], runs[1]);
  assert.ok((runs[0]?.losses.at(-1) ?? 1) < (runs[0]?.losses[0] ?? 0) / 10, String(runs[0]?.losses));
  const other = new LstmTraining(shape, { ...settings, seed: 4 }, table, windows.length);
  assert.notEqual(other.learn(windows), runs[0]?.losses[0]);
});

test('a forecaster learns what comes next', () => {
  const training = new LstmTraining(
    { ...shape, steps: 2 },
    { ...settings, head: 'forecast' },
    table,
    windows.length,
  );
  for (let epoch = 0; epoch < 30; epoch++) training.learn(windows);
  const errors = training.score(windows);
  assert.ok(errors.reduce((sum, e) => sum + e, 0) / errors.length < 0.01);
});

test('scores are the mean squared errors of each window and feature', () => {
  const training = new LstmTraining(shape, settings, table, windows.length);
  const all = training.score(windows).slice();
  assert.equal(all.length, 180);
  assert.deepEqual(
    training.score([17, 3]),
    Float32Array.of(all[34] as number, all[35] as number, all[6] as number, all[7] as number),
  );
});

test('training that goes on from a checkpoint gives the bits of one that never stopped', () => {
  const straight = new LstmTraining(shape, settings, table, windows.length);
  for (let epoch = 0; epoch < 4; epoch++) straight.learn(windows);
  const first = new LstmTraining(shape, settings, table, windows.length);
  first.learn(windows);
  first.learn(windows);
  const second = new LstmTraining(shape, settings, table, windows.length);
  second.restore(first.snapshot());
  second.learn(windows);
  second.learn(windows);
  assert.deepEqual(second.network.weights(), straight.network.weights());
  assert.throws(() => second.restore(first.snapshot().subarray(0, 900)), { code: 'snapshot.invalid' });
});
