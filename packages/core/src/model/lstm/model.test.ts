import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mt19937 } from '../../random/mt19937.ts';
import { findAlarms, fitThresholds } from './detect.ts';
import { LstmDetector } from './detector.ts';
import { initialWeights } from './initial-weights.ts';
import { loadLstm, saveLstm, standardisation, standardise, type LstmModel } from './model.ts';
import { LstmRunner } from './runner.ts';

const shape = { features: 3, units: 10, lookBack: 4, steps: 4, activation: 'tanh' as const };
const model: LstmModel = {
  shape,
  head: 'reconstruct',
  sensors: ['a', 'b', 'ö'],
  everyMs: 120_000,
  mean: Float64Array.of(20, 21, 22),
  scale: Float64Array.of(2, 1, 0.5),
  weights: initialWeights(shape, Mt19937.fromInteger(1)),
  thresholds: Float64Array.of(1, 2, 3),
  falseAlarmRate: 0.001,
};
const columns = [0, 1, 2].map((j) =>
  Float64Array.from({ length: 50 }, (_, i) => 20 + j + Math.sin(i / (3 + j))),
);

test('a model file gives the model back', () => {
  assert.deepEqual(loadLstm(saveLstm(model)), model);
});

test('a damaged, shortened, foreign or nonsensical file is refused', () => {
  const bytes = saveLstm(model);
  for (const at of [0, 20, 300, bytes.length - 1]) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] as number) ^ 1;
    assert.throws(() => loadLstm(damaged), { code: 'snapshot.invalid' });
  }
  assert.throws(() => loadLstm(bytes.subarray(0, 400)), { code: 'snapshot.invalid' });
  const nan = { ...model, weights: model.weights.map((w) => w.map(() => Number.NaN)) };
  assert.throws(() => loadLstm(saveLstm(nan)), { code: 'snapshot.invalid', message: /do not fit/ });
  assert.throws(() => loadLstm(saveLstm({ ...model, sensors: ['a'] })), { message: /name 3 sensors/ });
});

test('strict SIMD and the twin give the same bits, alone or in a batch', () => {
  const table = standardise(columns, model);
  const starts = Int32Array.from({ length: 46 }, (_, i) => i);
  const [strict, twin] = [new LstmRunner(model), new LstmRunner(model, { arithmetic: 'twin' })];
  const errors = strict.errors(table, starts);
  assert.deepEqual(errors, twin.errors(table, starts));
  assert.deepEqual(errors.slice(33 * 3, 34 * 3), strict.errors(table, [33]));
  const window = Array.from({ length: 12 }, (_, i) => columns[i % 3]?.[5 + Math.floor(i / 3)] as number);
  assert.deepEqual(strict.run(window).slice(), twin.run(window).slice());
});

test('a window with a gap is refused', () => {
  assert.throws(() => new LstmRunner(model).run(new Float64Array(12).fill(Number.NaN)), {
    code: 'data.invalid',
  });
});

test('standardised columns have mean 0 and spread 1; a constant one stays finite', () => {
  const { mean, scale } = standardisation([Float64Array.of(1, 3, 9), Float64Array.of(5, 5, 5)], 2);
  assert.deepEqual([...mean, ...scale], [2, 5, 1, 1]);
  assert.deepEqual(
    [...standardise([Float64Array.of(1, 3), Float64Array.of(5, 5)], { mean, scale })],
    [-1, 0, 1, 0],
  );
});

test('thresholds hold the stated rate on errors like those they were fitted to, and the worst sensor is named', () => {
  const rng = Mt19937.fromInteger(5);
  const exponential = (): Float32Array =>
    Float32Array.from({ length: 200_000 }, () => -Math.log(1 - rng.random()));
  const thresholds = fitThresholds(exponential(), 2, 0.002);
  const alarms = findAlarms(exponential(), thresholds).length / 100_000;
  assert.ok(alarms > 0.001 && alarms < 0.003, String(alarms));
  assert.deepEqual(findAlarms(Float32Array.of(1, 1, 3, 9, 0, 2.5), Float64Array.of(2, 2)), [
    { window: 1, sensor: 1, ratio: 4.5 },
    { window: 2, sensor: 1, ratio: 1.25 },
  ]);
});

for (const head of ['reconstruct', 'forecast'] as const) {
  test(`rows as they come, ${head}: the alarms of all windows at once; who is missing is held and not blamed`, () => {
    const strict = { ...model, head, thresholds: Float64Array.of(0.5, 0.6, 0.4) };
    const rows = head === 'forecast' ? 8 : 4;
    const starts = Int32Array.from({ length: 50 - rows }, (_, i) => i);
    const errors = new LstmRunner(strict).errors(standardise(columns, strict), starts);
    const wanted = findAlarms(errors, strict.thresholds);
    assert.ok(wanted.length > 5 && new Set(wanted.map(({ sensor }) => sensor)).size > 1);
    const detector = new LstmDetector(strict);
    const rowAt = (i: number): Float64Array => Float64Array.from(columns, (column) => column[i] as number);
    const found = Array.from({ length: 49 }, (_, i) => detector.push(rowAt(i))).flatMap((one, i) =>
      one === undefined ? [] : [{ window: i - rows + 1, sensor: one.sensor, ratio: one.ratio }],
    );
    assert.deepEqual(found, wanted);

    const held = new LstmDetector({ ...strict, thresholds: Float64Array.of(1e-9, 1e-9, 1e9) });
    assert.equal(held.push(Float64Array.of(Number.NaN, 1, 1)), undefined);
    for (let i = 0; i < 20; i++) {
      const row = rowAt(i);
      row[0] = i === 0 ? 20 : Number.NaN;
      assert.notEqual(held.push(row)?.sensor, 0);
    }
    assert.equal(held.push(rowAt(20))?.sensor !== undefined, true);
    held.clear();
    assert.equal(held.push(rowAt(21)), undefined, 'a new window is not full');
  });
}
