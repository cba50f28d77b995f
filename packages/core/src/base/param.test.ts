import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choice, integer, names, number, ranges, resolveParams } from './param.ts';

const params = {
  trees: integer({ summary: 'number of trees', default: 10, min: 1 }),
  threshold: number({ summary: 'score above which a record is anomalous', default: 0.7 }),
  side: choice(['left', 'right'], { summary: 'side', default: 'left' }),
  features: names({ summary: 'features' }),
  limits: ranges({ summary: 'limits', default: {} }),
};
const resolve = (given: object) => resolveParams('forest', params, given);

test('defaults are filled in and given values kept', () => {
  const resolved = resolve({ features: ['x'], trees: 3 });
  assert.deepEqual({ ...resolved }, { trees: 3, threshold: 0.7, side: 'left', features: ['x'], limits: {} });
});

test('a bad value names component, parameter, value and what would do', () => {
  assert.throws(() => resolve({ features: ['x'], trees: 0 }), {
    code: 'config.invalid',
    message: 'forest.trees: 0 is below 1 (default 10)',
  });
  assert.throws(() => resolve({ features: ['x'], trees: 1.5 }), /not a whole number/);
  assert.throws(() => resolve({ features: ['x'], threshold: NaN }), /not a number/);
  assert.throws(() => resolve({ features: ['x'], side: 'up' }), /none of left, right/);
  assert.throws(() => resolve({ features: ['x', 'x'] }), /twice/);
  assert.throws(() => resolve({ features: ['x'], limits: { x: [1, 1] } }), /low < high for x/);
  assert.throws(() => resolve({}), /forest.features is missing/);
  assert.throws(() => resolve({ features: ['x'], tres: 3 }), { code: 'config.unknown' });
});
