import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smirnovP, smirnovStatistic } from './smirnov.ts';

test('the statistic counts ties on both sides together', () => {
  const statistic = (a: number[], b: number[]) =>
    smirnovStatistic(Float64Array.from(a), Float64Array.from(b));
  assert.equal(statistic([1, 2, 3], [1, 2, 3]), 0);
  assert.equal(statistic([1, 1, 1], [1, 1, 2]), 1);
  assert.equal(statistic([1, 2, 3], [4, 5, 6]), 3);
  assert.equal(statistic([1, 5, 5, 9], [2, 3, 4, 9]), 2);
});

test('p-values of SciPy 1.17.1', () => {
  const known = [
    [30, 0, 1],
    [30, 1, 1],
    [30, 8, 0.23907300248018645],
    [30, 15, 0.0008995776840176799],
    [30, 30, 1.6911233892144742e-17],
    [100, 12, 0.469506448503778],
    [5, 3, 0.35714285714285715],
  ] as const;
  for (const [n, h, p] of known) assert.equal(smirnovP(n, h), p);
});
