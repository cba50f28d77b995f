import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnapshotReader, SnapshotWriter } from './snapshot.ts';

const made = () => new SnapshotWriter('thing', 2).u8(7).f64(-0).text('é').f64s([1, NaN]).finish();

test('a snapshot reads back what was written', () => {
  const reader = new SnapshotReader(made(), 'thing', 2);
  assert.equal(reader.version, 2);
  assert.equal(reader.u8(), 7);
  assert.ok(Object.is(reader.f64(), -0));
  assert.equal(reader.text(), 'é');
  assert.deepEqual([...reader.f64s()], [1, NaN]);
  reader.finish();
});

test('a flip of any byte, a cut at any length, another component and a newer version are refused', () => {
  const bytes = made();
  for (let i = 0; i < bytes.length; i++) {
    const flipped = bytes.slice();
    flipped[i] = (flipped[i] as number) ^ 1;
    assert.throws(() => new SnapshotReader(flipped, 'thing', 2), { code: 'snapshot.invalid' });
    assert.throws(() => new SnapshotReader(bytes.slice(0, i), 'thing', 2), { code: 'snapshot.invalid' });
  }
  assert.throws(() => new SnapshotReader(bytes, 'other', 2), /holds the state of "thing"/);
  assert.throws(() => new SnapshotReader(bytes, 'thing', 1), /version 2 is not known/);
});

test('a stored length beyond the bytes is an error, not a read past the end', () => {
  const lying = new SnapshotWriter('thing', 1).u32(0xfffffff0).finish();
  assert.throws(() => new SnapshotReader(lying, 'thing', 1).blob(), /cut short/);
});
