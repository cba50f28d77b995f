import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packIntegers, unpackIntegers } from './pack-integers.ts';

test('whole numbers come back, of any size and in any order', () => {
  const value = fc.oneof(fc.constant(0), fc.nat(300), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.array(value, { maxLength: 50 }), (values) => {
      const back = new Float64Array(values.length);
      assert.ok(unpackIntegers(packIntegers(values), back));
      assert.deepEqual([...back], values);
    }),
  );
});

test('equal values take no more room than one', () => {
  assert.equal(packIntegers(new Uint8Array(2560)).length, 3);
});

test('bytes for another length, cut or foreign, are refused', () => {
  const bytes = packIntegers([0, 0, 0, 300, 7]);
  for (let end = 0; end < bytes.length; end++) {
    assert.equal(unpackIntegers(bytes.slice(0, end), new Uint16Array(5)), false);
  }
  assert.equal(unpackIntegers(bytes, new Uint16Array(4)), false);
  assert.equal(unpackIntegers(bytes, new Uint16Array(6)), false);
  assert.equal(unpackIntegers(Uint8Array.of(255, 255, 255, 255, 255, 255), new Uint16Array(5)), false);
});
