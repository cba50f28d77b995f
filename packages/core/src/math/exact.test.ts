import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exp2 } from './exp2.ts';
import { fma } from './fma.ts';
import { logInteger } from './log-integer.ts';

/** A double as a whole number of 2^-400. */
function scaled(value: number): bigint {
  const exponent = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) - 53;
  return BigInt(value / 2 ** exponent) << BigInt(exponent + 400);
}

test('fma rounds once: as exact arithmetic on whole numbers does', () => {
  const value = fc
    .tuple(fc.double({ min: 0.5, max: 1, noNaN: true }), fc.integer({ min: -60, max: 60 }), fc.boolean())
    .map(([fraction, exponent, minus]) => (minus ? -1 : 1) * fraction * 2 ** exponent);
  fc.assert(
    fc.property(value, value, value, fc.boolean(), (a, b, other, near) => {
      const c = near ? -a * b * (1 + 2 ** -50) : other;
      const exact = scaled(a) * scaled(b) + (scaled(c) << 400n);
      // Number(bigint) rounds to nearest, ties to even, and powers of two scale exactly.
      assert.equal(fma(a, b, c), Number(exact) * 2 ** -400 * 2 ** -400);
    }),
    { numRuns: 2000 },
  );
});

test('fma is not rounded twice where the product lies halfway between two doubles', () => {
  const [a, b] = [1 + 2 ** -26, 1 + 2 ** -27];
  const below = 1 + 2 ** -26 + 2 ** -27;
  assert.equal(fma(a, b, 2 ** -110), below + 2 ** -52);
  assert.equal(fma(a, b, -(2 ** -110)), below);
  assert.equal(fma(-a, b, 2 ** -110), -below);
  assert.equal(fma(-a, b, -(2 ** -110)), -below - 2 ** -52);
});

test('exp2 gives the powers of NumPy 2.4.6 with AVX-512, also where Math.pow does not', () => {
  const powers: [number, number][] = [
    [-0.4091991363691613, 0.7530412832424932],
    [-0.20345524067614962, 0.8684680978505109],
    [-0.24321546430632712, 0.844860196406615],
    [-0.44839630934448427, 0.7328570345973103],
    [-0.07708380850053875, 0.9479718943004787],
    [-0.29500644280551946, 0.8150686924505582],
    [-0.8469983706337296, 0.5559402066318626],
    [0, 1],
    [-1, 0.5],
    [10.5, 1448.1546878700494],
  ];
  for (const [x, power] of powers) assert.equal(exp2(x), power, `2 ** ${x}`);
});

test('logInteger gives the logarithms of NumPy, also where Math.log does not', () => {
  const logs: [number, number][] = [
    [1, 0],
    [2, Math.LN2],
    [3, 1.0986122886681098],
    [48, 3.871201010907891],
    [74, 4.30406509320417],
    [185, 5.220355825078324],
    [196, 5.278114659230517],
    [299, 5.700443573390687],
    [343, 5.8377304471659395],
  ];
  for (const [n, log] of logs) assert.equal(logInteger(n), log, `log ${n}`);
  for (let n = 1; n < 2 ** 31; n = n * 2 + (n % 7)) {
    assert.ok(Math.abs(logInteger(n) - Math.log(n)) <= 2 ** -50 * Math.log(n), `log ${n}`);
  }
});
