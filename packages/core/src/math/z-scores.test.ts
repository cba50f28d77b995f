import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { momentsOf, zScores } from './z-scores.ts';

const close = (a: number, b: number, scale = 1) => Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(b), scale);

test('moments are those of two plain passes over what is there, whatever the length and the gaps', () => {
  const value = fc.oneof(
    { weight: 9, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
  );
  const lengths = fc.constantFrom(1, 3, 4, 5, 4095, 4096, 4097, 9000);
  fc.assert(
    fc.property(lengths, fc.array(value, { minLength: 1, maxLength: 50 }), (length, pattern) => {
      const values = Float64Array.from({ length }, (_, i) => (pattern[i % pattern.length] as number) + 1e5);
      const there = values.filter(Number.isFinite);
      const { count, mean, deviation } = momentsOf(values);
      assert.equal(count, there.length);
      if (count === 0) return assert.ok(Number.isNaN(mean) && Number.isNaN(deviation));
      const plain = there.reduce((sum, x) => sum + (x - 1e5), 0) / count;
      assert.ok(close(mean, plain + 1e5));
      const variance = there.reduce((sum, x) => sum + (x - 1e5 - plain) ** 2, 0) / count;
      // The mean is known to 1e-12 of 1e5 and no better.
      assert.ok(Math.abs(deviation - Math.sqrt(variance)) <= 1e-6 + 1e-12 * deviation);
    }),
    { numRuns: 60 },
  );
});

test('a drift far above the spread of a block costs no digits', () => {
  const values = Float64Array.from({ length: 20_000 }, (_, i) => 1e9 + i);
  const { mean, deviation } = momentsOf(values);
  assert.equal(mean, 1e9 + 9999.5);
  assert.ok(close(deviation, Math.sqrt((20_000 ** 2 - 1) / 12)));
});

test('scores are in place when asked, NaN for what is missing, and 0 in a constant column', () => {
  const values = Float64Array.of(23.3, 23.5, NaN, 24.1, 50, 23.7, Infinity);
  const scores = zScores(values, values);
  assert.equal(scores, values);
  assert.equal(scores[4]?.toFixed(5), '1.99937');
  assert.deepEqual([scores[2], scores[6]], [NaN, NaN]);
  assert.deepEqual([...zScores(Float64Array.of(5, 5, NaN))], [0, 0, NaN]);
  assert.equal(zScores(new Float64Array(0)).length, 0);
});
