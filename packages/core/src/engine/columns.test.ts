import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeColumn, encodeColumn } from './columns.ts';

const crossed = (values: readonly unknown[]) => decodeColumn(structuredClone(encodeColumn(values, [])));

test('any records come back as they were, the order of their fields too', () => {
  const field = fc.oneof(fc.double(), fc.string(), fc.constant(null), fc.boolean(), fc.constant(undefined));
  const record = fc.record(
    { a: field, b: fc.double(), c: fc.record({ d: field }, { noNullPrototype: true }) },
    { requiredKeys: ['b'], noNullPrototype: true },
  );
  const anything = fc.oneof(record, field, fc.array(field), fc.date({ noInvalidDate: true }));
  fc.assert(
    fc.property(fc.oneof(fc.array(record), fc.array(field), fc.array(anything)), (values) => {
      const back = crossed(values);
      assert.deepEqual(back, values);
      const keys = (list: readonly unknown[]) => list.map((value) => Object.keys(Object(value)));
      assert.deepEqual(keys(back), keys(values));
    }),
  );
});

test('columns of numbers, numbers with gaps and texts are not cloned value by value', () => {
  const types = (values: readonly unknown[]) => encodeColumn(values, []).type;
  assert.equal(types([1, 2, NaN, -0]), 'numbers');
  assert.equal(types([1, null, undefined]), 'gaps');
  assert.equal(types(['a', '', '€']), 'texts');
  assert.equal(types([true, true]), 'constant');
  assert.equal(types([{ a: 1 }, { a: 2 }]), 'objects');
  assert.equal(types([{ a: 1 }, { b: 2 }]), 'any');
});

test('an own __proto__ field does not change what a record is', () => {
  const hostile = JSON.parse('{"__proto__":{"admin":true},"a":1}') as object;
  const [back] = crossed([hostile, hostile]);
  assert.equal(Object.getPrototypeOf(back), Object.prototype);
  assert.equal((back as { admin?: boolean }).admin, undefined);
  assert.deepEqual(Object.keys(back as object), ['__proto__', 'a']);
});
