import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomState } from '../../random/random-state.ts';
import { solveRidge } from '../../math/ridge.ts';
import { Drift, Exchange, fitWatch, Repetition, SensorWatch, Spike, Stillness, type Check } from './index.ts';

const SENSORS = 4;
const TRAINED = 2000;
const HELD = 700;
const RATE = 1 / 720;
const drift = { mean: 10, apart: 60, penalty: 1 } as const;

/** Sensors that follow the same days, each at its own level and with noise of its own; some values are missing. */
function normalRows(): Float64Array[] {
  const chance = new RandomState(7);
  return Array.from({ length: TRAINED + HELD }, (_, i) => {
    const day = 3 * Math.sin((2 * Math.PI * i) / 720) + Math.sin(i / 97);
    return Float64Array.from({ length: SENSORS }, (_unused, j) => {
      const value = 20 + 2 * j + day * (1 + j / 10) + 0.1 * (chance.random() - 0.5);
      return (i * 7 + j) % 31 === 0 ? Number.NaN : Math.round(value * 1000) / 1000;
    });
  });
}

const rows = normalRows();
const trained = rows.slice(0, TRAINED);
const learned = Drift.learn(trained, SENSORS, drift);
const make = (): Check[] => [
  new Stillness(SENSORS),
  new Repetition(SENSORS, 1000),
  new Spike(SENSORS),
  new Exchange(SENSORS, 0.1),
  learned.fresh(),
];
const thresholds = fitWatch(make(), trained, RATE);

/** Alarms in the days held back, of sensor 1 and all, as check and row. */
function alarmsOf(change: (held: Float64Array[]) => void): { check: string; sensor: number; row: number }[] {
  const all = rows.map((row) => row.slice());
  change(all.slice(TRAINED));
  const watch = new SensorWatch(make(), thresholds);
  return all
    .flatMap((row, at) => watch.push(row).map(({ check, sensor }) => ({ check, sensor, row: at - TRAINED })))
    .filter(({ row }) => row >= 0);
}

/** Gives sensor 1 another value in rows 200 to 299 of the days held back. */
const from200 =
  (value: (held: Float64Array[], row: number, i: number) => number) => (held: Float64Array[]) => {
    for (let i = 0; i < 100; i++) (held[200 + i] as Float64Array)[1] = value(held, 200 + i, i);
  };
const at = (row: Float64Array[], i: number, j = 1): number => row[i]?.[j] as number;

test('days like those that were learned give next to no alarm', () => {
  assert.ok(alarmsOf(() => undefined).length <= 2);
});

for (const [check, change] of Object.entries({
  stillness: from200((held) => at(held, 199)),
  repetition: from200((_, row) => rows[TRAINED + row - 720]?.[1] as number),
  spike: (held: Float64Array[]): void => {
    (held[250] as Float64Array)[1] = 29;
  },
  drift: from200((held, row, i) => at(held, row) + (3 * i) / 100),
})) {
  test(`${check}: what is wrong is found, and the sensor named`, () => {
    const alarms = alarmsOf(change);
    const own = alarms.filter((alarm) => alarm.check === check && alarm.sensor === 1);
    assert.ok(own.length > 0 && own.every(({ row }) => row >= 200 && row < 380), JSON.stringify(alarms));
  });
}

test('exchange: both of the swapped sensors are named, at the first row', () => {
  const alarms = alarmsOf((held) => {
    for (const row of held.slice(201, 300)) [row[1], row[2]] = [row[2] as number, row[1] as number];
  });
  const first = alarms.filter(({ check }) => check === 'exchange').slice(0, 2);
  assert.deepEqual(
    first.map(({ sensor, row }) => [sensor, row]),
    [
      [1, 201],
      [2, 201],
    ],
  );
});

test('a row of nothing changes nothing', () => {
  const nothing = new Float64Array(SENSORS).fill(Number.NaN);
  const [plain, broken] = [make(), make()];
  const [a, b] = [new Float64Array(SENSORS), new Float64Array(SENSORS)];
  for (const row of rows.slice(0, 300)) {
    plain.slice(2, 3).forEach((check) => check.push(row, a));
    broken.slice(2, 3).forEach((check) => {
      check.push(nothing, b);
      assert.deepEqual([...b], [0, 0, 0, 0]);
      check.push(row, b);
    });
    assert.deepEqual(a, b);
  }
});

test('too few rows to fit a tail are refused', () => {
  assert.throws(() => fitWatch(make(), rows.slice(0, 100), RATE), { code: 'data.empty' });
});

test('ridge: the weights of a line, and smaller ones with a penalty', () => {
  const inputs = Array.from({ length: 50 }, (_, i) => Float64Array.of(i, Math.sin(i), 1));
  const targets = inputs.map(([a = 0, b = 0]) => 2 * a - 3 * b + 5);
  const near = (found: Float64Array, wanted: number[]) =>
    wanted.forEach((w, i) => assert.ok(Math.abs((found[i] as number) - w) < 1e-9, String(found)));
  near(solveRidge(inputs, targets, 0), [2, -3, 5]);
  assert.ok(Math.abs(solveRidge(inputs, targets, 1000)[1] as number) < 1);
});
