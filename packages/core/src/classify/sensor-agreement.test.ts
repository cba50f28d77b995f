import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Chance } from '../simulate/chance.ts';
import { sensorAgreement, type ChannelReading, type Habits } from './sensor-agreement.ts';

const [MINUTE, HOUR] = [60_000, 3_600_000];
const window = { start: 0, end: 12 * HOUR };
const COUNT = 72;

type Level = (i: number, value: number) => number | readonly [number, number] | null;

/** A sensor that reports every ten minutes: air of 8 µg/m³ with some noise, made into what `level` says. */
function sensor(name: string, level: Level = (_, value) => value, start = 0): ChannelReading[] {
  const chance = new Chance(7, `${name} ${start}`);
  return Array.from({ length: COUNT }, (_, i) => {
    const given = level(i, 8 * (1 + 0.05 * chance.normal()));
    const [a, b] = given === null ? [NaN, NaN] : typeof given === 'number' ? [given, given * 1.02] : given;
    return { sensor: name, time: start + i * 10 * MINUTE, value: (a + b) / 2, a, b };
  }).filter(({ value }) => !Number.isNaN(value));
}

const neighbours = () => ['b', 'c', 'd', 'e'].flatMap((name) => sensor(name));
const judge = (readings: readonly ChannelReading[], habits: Habits = {}) =>
  sensorAgreement()(readings, window, habits);
/** Smoke that comes at reading `from`, over an hour, and goes again. */
const smoke =
  (from: number, height: number, length = 40): Level =>
  (i, value) =>
    value + height * Math.max(0, Math.min(1, (i - from) / 6, (from + length - i) / 6));

test('clean air is neither smoke nor broken', () => {
  assert.deepEqual(judge([...sensor('a'), ...neighbours()]), { reporting: 5, smoke: null, broken: [] });
});

const faults: readonly (readonly [string, string, Level])[] = [
  ['a channel that reads three times the other', 'channels', (_, value) => [3 * value + 10, value]],
  ['a value that is held', 'stuck', (i, value) => (i > 20 && i < 50 ? 31.25 : value)],
  ['a spike in both channels', 'jumps', (i, value) => (i === 30 ? 900 : value)],
  ['a burst', 'jumps', (i, value) => (i >= 30 && i < 36 ? 100 + 200 * (i % 3) : value)],
  ['noise in both channels', 'noise', (i, value) => value + (i % 2) * 30],
  ['silence', 'silence', (i, value) => (i < 30 ? value : null)],
  ['an offset', 'level', (_, value) => value + 40],
  ['a gain', 'level', (_, value) => value * 5],
];
for (const [what, sign, level] of faults) {
  test(`${what} is a broken sensor, and the neighbours are sound`, () => {
    const { broken, smoke: event } = judge([...sensor('a', level), ...neighbours()]);
    assert.deepEqual(
      broken.map(({ sensor: name }) => name),
      ['a'],
    );
    assert.ok(broken[0]?.signs.includes(sign as never), String(broken[0]?.signs));
    assert.equal(event, null);
  });
}

test('smoke that crosses the region is smoke at every sensor, with its lag, and nothing is broken', () => {
  const readings = ['a', 'b', 'c', 'd', 'e'].flatMap((name, at) => sensor(name, smoke(10 + 2 * at, 150)));
  const { smoke: event, broken } = judge(readings);
  assert.deepEqual(event?.sensors, ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(broken, []);
  assert.equal(event.agreement, 1);
  assert.ok(Math.abs(event.lagMs - 80 * MINUTE) <= 20 * MINUTE, String(event.lagMs / MINUTE));
  assert.equal(event.values.length, readings.filter(({ value }) => value > 50).length);
});

test('smoke is seen although a sensor is broken in it, which is named', () => {
  const readings = ['b', 'c', 'd', 'e'].flatMap((name) => sensor(name, smoke(10, 150)));
  const { smoke: event, broken } = judge([...sensor('a', () => 77.5), ...readings]);
  assert.deepEqual(event?.sensors, ['b', 'c', 'd', 'e']);
  assert.deepEqual(
    broken.map(({ sensor: name }) => name),
    ['a'],
  );
});

test('a fire next door is neither smoke of the region nor a broken sensor', () => {
  const { smoke: event, broken } = judge([...sensor('a', smoke(20, 60, 18)), ...neighbours()]);
  assert.equal(event, null);
  assert.deepEqual(broken, []);
});

test('alone in its region a sensor needs an hour, with both channels', () => {
  assert.deepEqual(judge(sensor('a', smoke(10, 150))).smoke?.sensors, ['a']);
  const short: Level = (i, value) => (i >= 30 && i < 34 ? 55 : value);
  assert.equal(judge(sensor('a', short)).smoke, null);
  const { smoke: event, broken } = judge(sensor('a', (_, value) => [200, value]));
  assert.equal(event, null);
  assert.deepEqual(broken[0]?.signs, ['channels']);
});

test('a sensor that always read a little more is itself; one that changes is not', () => {
  const classify = sensorAgreement();
  const habits: Habits = {};
  const at = (number: number) => ({ start: 12 * HOUR * number, end: 12 * HOUR * (number + 1) });
  const run = (number: number, level: Level) =>
    classify(
      ['b', 'c', 'd', 'e']
        .flatMap((name) => sensor(name, undefined, at(number).start))
        .concat(sensor('a', level, at(number).start)),
      at(number),
      habits,
    ).broken;
  const more: Level = (_, value) => value * 2.2;
  for (let number = 0; number < 6; number++) assert.deepEqual(run(number, more), []);
  assert.deepEqual(run(6, more), []);
  assert.deepEqual(
    run(7, (_, value) => value * 6).map(({ signs }) => signs.join()),
    ['level'],
  );
});

test('a sensor that gives nothing at all is missed, for some windows', () => {
  const classify = sensorAgreement();
  const habits: Habits = {};
  let missed = 0;
  for (let number = 0; number < 20; number++) {
    const start = 12 * HOUR * number;
    const there = ['b', 'c', 'd', 'e'].flatMap((name) => sensor(name, undefined, start));
    const readings = number < 6 ? [...there, ...sensor('a', undefined, start)] : there;
    const { broken } = classify(readings, { start, end: start + 12 * HOUR }, habits);
    if (broken.some(({ sensor: name }) => name === 'a')) missed++;
  }
  assert.equal(missed, 6);
});

test('the verdict does not depend on the order of the readings', () => {
  const readings = [
    ...sensor('a', (i, value) => (i === 30 ? 900 : value)),
    ...['b', 'c', 'd'].flatMap((name) => sensor(name, smoke(10, 90))),
  ];
  const expected = judge(readings);
  fc.assert(
    fc.property(fc.shuffledSubarray(readings, { minLength: readings.length }), (shuffled) => {
      assert.deepEqual(judge(shuffled), expected);
    }),
    { numRuns: 20 },
  );
});

test('a sensor without channels is judged by the rest', () => {
  const bare = (level: Level) => sensor('a', level).map((reading) => ({ ...reading, a: NaN, b: NaN }));
  assert.deepEqual(judge([...bare((_, value) => value), ...neighbours()]).broken, []);
  assert.equal(judge([...bare((_, value) => 5 * value), ...neighbours()]).broken.length, 1);
});
