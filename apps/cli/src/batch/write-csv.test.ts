import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTable, type Table } from '@linnet/connectors/file';
import fc from 'fast-check';
import { BATCH_DEFAULTS, type BatchResult } from './job.ts';
import { csvLines } from './write-csv.ts';
import { jsonLines } from './write-json.ts';

function resultOf(text: readonly string[], numbers: readonly number[]): BatchResult {
  const rows = text.length;
  const x = Float64Array.from(numbers);
  const table: Table = {
    name: 'input',
    format: 'jsonl',
    columns: [
      { name: 'te"xt, \n', kind: 'other', values: text },
      { name: 'number', kind: 'number', values: x },
    ],
    rows,
    skipped: 0,
    skippedNote: undefined,
    notes: [],
  };
  return {
    table,
    features: table.columns.filter((column) => column.kind === 'number'),
    method: BATCH_DEFAULTS,
    detection: {
      x,
      imputed: 0,
      scores: new Float64Array(rows).fill(-0.5),
      anomalous: new Uint8Array(rows),
      offset: -0.6,
      reasons: new Map(),
      seconds: { impute: 0, fit: 0, score: 0 },
    },
    anomalies: [],
    readSeconds: 0,
  };
}

/** Text that is neither missing nor a number wherever it stands. */
const words = fc.string({ unit: 'grapheme' }).map((text) => `x${text}`);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 });

for (const [format, write] of [
  ['csv', csvLines],
  ['jsonl', jsonLines],
] as const) {
  test(`what is written as ${format} is read again to the last character and digit`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(words, finite), { minLength: 1 }), async (records) => {
        const [text, numbers] = [records.map(([word]) => word), records.map(([, number]) => number)];
        const written = [...write(resultOf(text, numbers), true)].join('');
        const table = await readTable({ name: 'again', bytes: Buffer.from(written) }, format);
        // A header is trimmed; a zero has no sign in JSON.
        assert.deepEqual(
          table.columns.slice(0, 2).map(({ values }) => [...values]),
          [text.map((word) => word.toWellFormed()), numbers.map((number) => (number === 0 ? 0 : number))],
        );
        assert.deepEqual(table.columns.at(-2)?.values, new Float64Array(text.length).fill(-0.5));
      }),
    );
  });
}
