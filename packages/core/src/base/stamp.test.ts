import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stampReader, type StampFormat } from './stamp.ts';

const NOON = Date.UTC(2024, 3, 11, 12, 0, 0);
const read = (format: StampFormat, stamp: unknown, zone?: string) => stampReader(format, zone)(stamp);

test('the same instant in every unit, as number, bigint and text', () => {
  const at = NOON + 250;
  const cases: [StampFormat, unknown][] = [
    ['s', at / 1000],
    ['s', String(at / 1000)],
    ['ms', at],
    ['ms', BigInt(at)],
    ['us', at * 1e3],
    ['us', String(at * 1e3)],
    ['ns', BigInt(at) * 1_000_000n],
    ['ns', `${at}000000`],
    ['iso', '2024-04-11T12:00:00.250Z'],
  ];
  for (const [format, stamp] of cases) assert.equal(read(format, stamp), at, `${format} ${String(stamp)}`);
});

test('ISO text with zones: of the text, declared, or UTC', () => {
  const same = [
    '2024-04-11T12:00:00Z',
    '2024-04-11 12:00:00',
    '2024-04-11T12:00',
    '2024-04-11T14:00:00+02:00',
    '2024-04-11T17:30:00+0530',
    '2024-04-11T05:00:00-07',
    '2024-04-11 12:00:00 UTC',
    '2024-04-11T12:00:00,000Z',
  ];
  for (const text of same) assert.equal(read('iso', text), NOON, text);
  assert.equal(read('iso', '2024-04-11'), Date.UTC(2024, 3, 11));
  assert.equal(read('iso', '2024-04-11T17:30:00', '+05:30'), NOON);
  assert.equal(read('iso', '2024-04-11T08:00:00', 'America/New_York'), NOON);
  // The text's own zone wins over the declared one.
  assert.equal(read('iso', '2024-04-11T12:00:00Z', 'America/New_York'), NOON);
});

test('a named zone follows its summer time', () => {
  const reader = stampReader('iso', 'Europe/Berlin');
  assert.equal(reader('2024-01-15T12:00:00'), Date.UTC(2024, 0, 15, 11));
  assert.equal(reader('2024-07-15T12:00:00'), Date.UTC(2024, 6, 15, 10));
  assert.equal(reader('2024-03-31T01:59:59'), Date.UTC(2024, 2, 31, 0, 59, 59));
  assert.equal(reader('2024-03-31T03:00:00'), Date.UTC(2024, 2, 31, 1));
  assert.throws(() => stampReader('iso', 'Mars/Base'), { code: 'config.invalid', message: /no time zone/ });
});

test('a unit is told from the size of a number only when asked to', () => {
  for (const unit of [NOON / 1000, NOON, NOON * 1e3, NOON * 1e6]) assert.equal(read('detect', unit), NOON);
  assert.equal(read('detect', '2024-04-11T12:00:00Z'), NOON);
  // Declared, a number means what was declared, however unlikely.
  assert.equal(read('ms', NOON / 1000), NOON / 1000);
  assert.ok(Number.isNaN(read('ms', '2024-04-11T12:00:00Z')));
  assert.ok(Number.isNaN(read('iso', NOON)));
});

test('what is no stamp is NaN', () => {
  const bad = ['', 'soon', '2024-13-01', '2023-02-29', '2024-04-11T25:00:00Z', '11.04.2024', null, undefined];
  for (const stamp of [...bad, {}, [], true, NaN, 'NaN', '0x10', '1e999x']) {
    for (const format of ['iso', 's', 'ms', 'us', 'ns', 'detect'] as const)
      assert.ok(Number.isNaN(read(format, stamp)), `${format} ${String(stamp)}`);
  }
});

test('where clocks change, the first of two, and the clock before the change for what is left out', () => {
  for (const [zone, text, instant] of [
    ['America/New_York', '2024-03-10T02:30:00', '2024-03-10T07:30:00.000Z'],
    ['America/New_York', '2024-03-10T03:30:00', '2024-03-10T07:30:00.000Z'],
    ['America/New_York', '2024-11-03T01:30:00', '2024-11-03T05:30:00.000Z'],
    ['America/New_York', '2024-11-03T02:00:00', '2024-11-03T07:00:00.000Z'],
    ['Australia/Lord_Howe', '2024-04-07T01:45:00', '2024-04-06T14:45:00.000Z'],
    ['Europe/Berlin', '2024-10-27T02:30:00', '2024-10-27T00:30:00.000Z'],
    ['Europe/Berlin', '2024-03-31T02:30:00', '2024-03-31T01:30:00.000Z'],
  ] as const)
    assert.equal(new Date(stampReader('iso', zone)(text)).toISOString(), instant, `${zone} ${text}`);
});

test('a Date is read whatever the format; a format that there is not is refused', () => {
  const at = new Date(1.7e12);
  for (const format of ['iso', 's', 'ms', 'us', 'ns', 'detect'] as const)
    assert.equal(stampReader(format)(at), 1.7e12);
  assert.throws(() => stampReader('seconds' as 's'), /"seconds" is no format of stamps/);
});
