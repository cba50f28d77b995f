import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { knnImputer } from './knn-imputer.ts';

type Table = (number | null)[][];

interface Case {
  readonly name: string;
  readonly params: { n_neighbors: number; weights?: 'uniform' | 'distance'; keep_empty_features?: boolean };
  readonly fit: Table;
  readonly transform: Table | null;
  readonly out: Table;
}

const golden = JSON.parse(readFileSync('golden/sklearn_cases.json', 'utf8')) as { knn: Case[] };
const flat = (table: Table) => Float64Array.from(table.flat(), (value) => value ?? Number.NaN);

for (const { name, params, fit, transform, out } of golden.knn) {
  test(`as scikit-learn: ${name}`, () => {
    const { n_neighbors: neighbors, weights = 'uniform', keep_empty_features: fillEmpty = false } = params;
    const imputer = knnImputer({ neighbors, weights, fillEmpty }).create();
    const columns = fit[0]?.length ?? 0;
    imputer.fit(flat(fit), fit.length, columns);
    const rows = transform ?? fit;
    const imputed = imputer.transform(flat(rows), rows.length);
    // scikit-learn drops a column that is wholly missing; here it stays missing.
    const kept = fillEmpty
      ? [...imputed]
      : [...imputed].filter((_, at) => fit.some((row) => row[at % columns] !== null));
    const expected = flat(out);
    assert.equal(kept.length, expected.length);
    kept.forEach((value, at) => {
      const wanted = expected[at] as number;
      assert.ok(
        Math.abs(value - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted)),
        `cell ${at}: ${value}, not ${wanted}`,
      );
    });
  });
}

test('every gap of the PurpleAir snapshot is filled with scikit-learn’s value, to the bit', () => {
  const { fields, data } = JSON.parse(readFileSync('examples/purpleair/data.json', 'utf8')) as {
    fields: string[];
    data: (number | null)[][];
  };
  const batch = JSON.parse(readFileSync('golden/purpleair_batch.json', 'utf8')) as {
    columns: string[];
    imputed: [number, number, number][];
  };
  const at = batch.columns.map((column) => fields.indexOf(column));
  const x = flat(data.map((row) => at.map((index) => row[index] ?? null)));
  const imputer = knnImputer({ neighbors: 5 }).create();
  imputer.fit(x, data.length, at.length);
  const imputed = imputer.transform(x, data.length);
  assert.equal(batch.imputed.length, 3280);
  for (const [row, column, value] of batch.imputed) assert.equal(imputed[row * at.length + column], value);
});

test('the pruned search finds what the plain definition finds', () => {
  const cell = fc.oneof(
    { weight: 3, arbitrary: fc.double({ min: -100, max: 100, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(Number.NaN) },
  );
  const table = fc
    .integer({ min: 1, max: 5 })
    .chain((columns) =>
      fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 40 }),
    );
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 6 }), (rows, neighbors) => {
      const columns = rows[0]?.length ?? 0;
      const x = Float64Array.from(rows.flat());
      const imputer = knnImputer({ neighbors }).create();
      imputer.fit(x, rows.length, columns);
      const imputed = imputer.transform(x, rows.length);
      rows.forEach((row, at) =>
        row.forEach((value, column) => {
          const wanted = Number.isNaN(value) ? plain(rows, row, column, neighbors) : value;
          const got = imputed[at * columns + column] as number;
          assert.ok(
            Object.is(got, wanted) || Math.abs(got - wanted) <= 1e-9,
            `${at},${column}: ${got}, not ${wanted}`,
          );
        }),
      );
    }),
    { numRuns: 300 },
  );
});

/** The mean of the nearest rows that have the column, by the definition. */
function plain(
  rows: readonly (readonly number[])[],
  row: readonly number[],
  column: number,
  neighbors: number,
): number {
  const donors = rows.filter((other) => !Number.isNaN(other[column] as number));
  const near = donors
    .map((other) => {
      const shared = row.map((value, i) => value - (other[i] as number)).filter((d) => !Number.isNaN(d));
      const distance = Math.sqrt((shared.reduce((sum, d) => sum + d * d, 0) * row.length) / shared.length);
      return { distance, value: other[column] as number };
    })
    .filter(({ distance }) => !Number.isNaN(distance))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, neighbors);
  const from = near.length > 0 ? near : donors.map((other) => ({ value: other[column] as number }));
  return from.length === 0 ? Number.NaN : from.reduce((sum, { value }) => sum + value, 0) / from.length;
}
