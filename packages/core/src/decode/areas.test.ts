import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { areas } from './areas.ts';
import { gridCells } from './grid.ts';

const square = (west: number, south: number, size: number) => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
];
const feature = (geometry: unknown, properties: unknown = {}) => ({ type: 'Feature', geometry, properties });
const collection = (...features: unknown[]) => ({ type: 'FeatureCollection', features });

test('a place in a hole lies outside, one in an island in it inside', () => {
  const find = areas(
    collection(
      feature(
        {
          type: 'MultiPolygon',
          coordinates: [[square(0, 0, 10), square(2, 2, 6)], [square(4, 4, 2)], [square(20, 0, 1)]],
        },
        { name: 'lake land' },
      ),
    ),
  );
  const inside = [
    [1, 1],
    [9, 5],
    [5, 5],
    [20.5, 0.5],
  ] as const;
  const outside = [
    [3, 3],
    [7, 5],
    [-1, 5],
    [11, 5],
    [15, 0.5],
  ] as const;
  for (const [x, y] of inside) assert.equal(find(x, y), 'lake land');
  for (const [x, y] of outside) assert.equal(find(x, y), null);
  assert.equal(find(NaN, 1), null);
});

test('of neighbours each place belongs to one, on their border too', () => {
  const find = areas(
    collection(
      feature({ type: 'Polygon', coordinates: [square(0, 0, 1)] }, { region: 'west' }),
      feature({ type: 'Point', coordinates: [0, 0] }, { name: 'a station' }),
      { ...feature({ type: 'Polygon', coordinates: [square(1, 0, 1)] }), id: 7 },
    ),
  );
  assert.equal(find(0.5, 0.5), 'west');
  assert.equal(find(1.5, 0.5), '7');
  assert.equal(find(1, 0.5), '7');
});

test('a place is in a polygon when it turns round it', () => {
  const angle = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true });
  const corners = fc.array(fc.tuple(angle, fc.double({ min: 0.5, max: 2, noNaN: true })), {
    minLength: 3,
    maxLength: 12,
  });
  fc.assert(
    fc.property(corners, fc.double({ min: 0, max: 2.5, noNaN: true }), angle, (points, radius, at) => {
      const ring = points
        .toSorted(([a], [b]) => a - b)
        .map(([a, r]) => [r * Math.cos(a), r * Math.sin(a)] as const);
      const [x, y] = [radius * Math.cos(at), radius * Math.sin(at)];
      let turn = 0;
      ring.forEach(([x1, y1], index) => {
        const [x2, y2] = ring[(index + 1) % ring.length] as readonly [number, number];
        const [a, b] = [Math.atan2(y1 - y, x1 - x), Math.atan2(y2 - y, x2 - x)];
        turn += ((((b - a) % (2 * Math.PI)) + 3 * Math.PI) % (2 * Math.PI)) - Math.PI;
      });
      const winds = Math.abs(Math.round(turn / (2 * Math.PI)));
      // On an edge the angle is half a turn and either answer is right.
      fc.pre(Math.abs(turn / (2 * Math.PI) - Math.round(turn / (2 * Math.PI))) < 1e-6);
      assert.equal(areas({ type: 'Polygon', coordinates: [ring] })(x, y), winds % 2 === 1 ? 'area 1' : null);
    }),
  );
});

test('what has no areas is said in words', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [null, /it is no FeatureCollection/],
    [{ features: [] }, /it is no FeatureCollection/],
    [collection(), /it has no polygon/],
    [
      collection(
        feature({
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 1],
            ],
          ],
        }),
      ),
      /feature 1 has a ring of fewer than three/,
    ],
    [
      collection(
        feature({
          type: 'Polygon',
          coordinates: [
            [
              ['0', 0],
              [1, 1],
              [1, 2],
            ],
          ],
        }),
      ),
      /a position without two numbers/,
    ],
    [collection(feature({ type: 'Polygon' })), /no list where coordinates should be/],
  ];
  for (const [given, message] of wrong) assert.throws(() => areas(given), message);
  const named = collection(feature({ type: 'Polygon', coordinates: [square(0, 0, 1)] }, { name: 'x' }));
  assert.throws(() => areas(named, { name: 'county' }), /feature 1 has no property "county"/);
});

test('cells of a grid are named by their south-western corner', () => {
  assert.equal(gridCells(0.5)(-73.7, 42.7), '42.5,-74');
  assert.equal(gridCells(0.1)(0.35, -0.05), '-0.1,0.3');
  assert.equal(gridCells(10)(NaN, 1), null);
  assert.throws(() => gridCells(0), /above 0/);
});
