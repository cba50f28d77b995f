import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flow, print, records, runLocal } from '../index.ts';
import { describe } from './describe.ts';
import { interpolate, interpolateColumn } from './interpolate.ts';
import { pivot, type Row } from './pivot.ts';
import { resample } from './resample.ts';
import { SeriesBuilder } from './series.ts';

const MINUTE = 60_000;

test('describe gives pandas’ figures and leaves NaN out', () => {
  const { count, mean, std, p25, p50, p75, max } = describe(Float64Array.of(4, Number.NaN, 1, 2, 10));
  assert.deepEqual(
    { count, mean, p25, p50, p75, max },
    { count: 4, mean: 4.25, p25: 1.75, p50: 3, p75: 5.5, max: 10 },
  );
  assert.ok(Math.abs(std - 4.031128874149275) < 1e-15);
});

test('interpolation fills between values and after the last, not before the first', () => {
  const column = Float64Array.of(Number.NaN, 1, Number.NaN, Number.NaN, 4, Number.NaN);
  interpolateColumn(column);
  assert.deepEqual([...column], [Number.NaN, 1, 2, 3, 4, 4]);
});

test('a series spans its limits, and drops sensors without a value only when told to', () => {
  const builder = new SeriesBuilder(2 * MINUTE, { from: 0, to: 7 * MINUTE });
  builder.add('10', 5 * MINUTE, 3);
  builder.add('10', 4 * MINUTE, 1);
  builder.add('9', 9 * MINUTE, 1);
  const whole = builder.finish();
  assert.deepEqual(whole.sensors, ['9', '10']);
  assert.deepEqual(
    [...whole.times],
    [0, 2, 4, 6].map((m) => m * MINUTE),
  );
  assert.deepEqual([...(whole.columns[1] as Float64Array)], [Number.NaN, Number.NaN, 2, Number.NaN]);
  assert.deepEqual(builder.finish({ dropEmpty: true }).sensors, ['10']);
});

test('no reading within the limits, limits the wrong way round and stamps years apart are refused', () => {
  assert.throws(() => new SeriesBuilder(MINUTE).finish(), { code: 'data.empty' });
  assert.throws(() => new SeriesBuilder(MINUTE, { from: 2, to: 1 }), { code: 'config.invalid' });
  const builder = new SeriesBuilder(1);
  builder.add('1', 0, 1);
  assert.throws(() => builder.add('1', 1e15, 1), { code: 'data.invalid' });
});

test('readings may come in any order', () => {
  const reading = fc.record({
    sensor: fc.constantFrom('1', '2'),
    time: fc.integer({ min: 0, max: 5000 }),
    value: fc.integer(),
  });
  fc.assert(
    fc.property(fc.array(reading, { minLength: 1 }), (readings) => {
      const [forth, back] = [new SeriesBuilder(100), new SeriesBuilder(100)];
      for (const { sensor, time, value } of readings) forth.add(sensor, time, value);
      for (const { sensor, time, value } of readings.toReversed()) back.add(sensor, time, value);
      assert.deepEqual(forth.finish(), back.finish());
    }),
  );
});

test('the operators give a live stream the rows that a file gets', async () => {
  const sensors = ['a', 'b'];
  const readings = Array.from({ length: 400 }, (_, i) => ({
    sensor: sensors[i % 2] as string,
    time: i * 7000,
    value: Math.sin(i / 9) * 10,
  })).filter(({ sensor }, i) => sensor === 'a' || i % 90 < 60);
  const rows: Row[] = [];
  const everyMs = 2 * MINUTE;
  await runLocal(
    flow('live')
      .source('in', records(readings))
      .keyBy('sensor', ({ sensor }) => sensor)
      .stateful('resample', resample({ everyMs }))
      .flatMap('samples', (samples) => samples)
      .keyBy('gateway', () => 'gateway')
      .stateful('pivot', pivot({ sensors, everyMs }))
      .flatMap('rows', (complete) => complete)
      .stateful('interpolate', interpolate())
      .flatMap('filled', (filled) => filled)
      .inspect('look', (row) => void rows.push(row))
      .sink(
        'out',
        print(() => ''),
      ).graph,
    { print: async () => {} },
  );
  const builder = new SeriesBuilder(everyMs);
  for (const { sensor, time, value } of readings) builder.add(sensor, time, value);
  const { times, columns } = builder.finish();
  columns.forEach(interpolateColumn);
  assert.ok(rows.length > 15);
  rows.forEach(({ time, values }, i) => {
    assert.equal(time, times[i]);
    values.forEach((value, column) => assert.equal(value, columns[column]?.[i], `row ${i}`));
  });
});

test('the operators’ states are plain data: they go on from a copy, as after a restart', () => {
  const every = { everyMs: 100 };
  const operators = () =>
    [
      resample({ ...every, latenessMs: 250 }),
      pivot({ sensors: ['a', 'b'], ...every }),
      interpolate(),
    ] as const;
  const run = (keep: <T>(state: T) => T): unknown[] => {
    const [means, rows, filled] = operators();
    let [a, b, row, fill] = [means.initial(), means.initial(), rows.initial(), filled.initial()];
    const out: unknown[] = [];
    for (let i = 0; i < 300; i++) {
      [a, b, row, fill] = [keep(a), keep(b), keep(row), keep(fill)];
      // Out of order, with a gap of the second sensor.
      const reading = { time: i * 17 - (i % 7) * 30, value: Math.sin(i) };
      const [sensor, state] = i % 2 === 0 ? (['a', a] as const) : (['b', b] as const);
      if (sensor === 'b' && i > 100 && i < 160) continue;
      for (const sample of means.step(state, reading, sensor)) {
        for (const complete of rows.step(row, sample)) out.push(...filled.step(fill, complete));
      }
    }
    return out;
  };
  const whole = run((state) => state);
  assert.ok(whole.length > 40);
  assert.deepEqual(run(structuredClone), whole);
});
