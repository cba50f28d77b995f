import assert from 'node:assert/strict';
import { test } from 'node:test';
import { erf } from './erf.ts';

test('the error function to four units in the last place, and odd', () => {
  // Values of CPython 3.11.7's math.erf.
  const known = [
    [0, 0],
    [1e-300, 1.1283791670955126e-300],
    [0.1, 0.1124629160182849],
    [0.7, 0.6778011938374184],
    [1.5, 0.9661051464753108],
    [2.4, 0.999311486103355],
    [2.6, 0.9997639655834707],
    [4, 0.9999999845827421],
    [30, 1],
  ] as const;
  for (const [x, value] of known) {
    assert.ok(Math.abs(erf(x) - value) <= 4 * 2 ** -53 * value, `erf(${x}) = ${erf(x)}`);
    assert.equal(erf(-x) + erf(x), 0);
  }
  assert.ok(Number.isNaN(erf(NaN)));
});
