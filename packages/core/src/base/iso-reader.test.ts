import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stampReader } from './stamp.ts';

/** No day is kept from one stamp to the next. */
const fresh = (text: string) => stampReader('iso')(text);

test('a stamp is the same whatever was read before it', () => {
  const read = stampReader('iso');
  const pad = (value: number, width = 2) => String(value).padStart(width, '0');
  const part = fc.integer({ min: 0, max: 62 });
  const stamp = fc
    .tuple(
      fc.integer({ min: 2021, max: 2024 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
      part,
      part,
      part,
      fc.constantFrom('Z', '.250Z', ' UTC', '+02:00', '.25Z', '', 'X', '.x50Z'),
      fc.constantFrom('T', ' ', '_'),
    )
    .map(
      ([year, month, day, hour, minute, second, end, between]) =>
        `${year}-${pad(month)}-${pad(day)}${between}${pad(hour % 25)}:${pad(minute)}:${pad(second)}${end}`,
    );
  fc.assert(
    fc.property(fc.array(stamp, { maxLength: 30 }), (stamps) => {
      for (const text of [...stamps, ...stamps]) assert.ok(Object.is(read(text), fresh(text)), text);
    }),
  );
});

test('a stamp of the common form is the instant that Date reads', () => {
  const read = stampReader('iso');
  fc.assert(
    fc.property(
      fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      (date) => {
        assert.equal(read(date.toISOString()), date.getTime());
        assert.equal(read(date.toISOString().replace(/\.\d+/, '')), Math.floor(date.getTime() / 1000) * 1000);
      },
    ),
  );
});

test('a day that does not exist is no stamp, also behind one that does', () => {
  const read = stampReader('iso');
  for (const text of [
    '2023-02-28T10:00:00Z',
    '2023-02-29T10:00:00Z',
    '2023-02-29T10:00:01Z',
    '2023-13-01T00:00:00Z',
  ])
    assert.equal(Number.isNaN(read(text)), text !== '2023-02-28T10:00:00Z', text);
});
