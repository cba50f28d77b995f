import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Source } from '@linnet/core';
import { csv } from './csv-source.ts';

const given = (items: readonly unknown[]): Source<unknown> => ({
  kind: 'test',
  name: 'test',
  bounded: true,
  open: () => assert.fail('it is not opened'),
  decode: () => ({ items, positions: null, rejected: [] }),
});
const source = csv('-', { columns: { sensor: 'text', pm: 'number' }, optional: { region: 'any' } });

test('records from elsewhere are what they would have been in the file', () => {
  const decoded = source.over?.(
    given([
      { sensor: 1011, pm: 3.5, more: true },
      { pm: null, sensor: 'a', region: 7 },
    ]),
  );
  assert.deepEqual(decoded?.decode({ items: [] }), {
    items: [
      { sensor: '1011', pm: 3.5 },
      { sensor: 'a', pm: null, region: 7 },
    ],
    positions: null,
    rejected: [],
  });
});

test('a record without a column, or without a number where one is declared, is rejected and named', () => {
  const items = [{ sensor: 'a' }, { sensor: 'b', pm: 1 }, { sensor: 'c', pm: 'x' }, 5, { sensor: [], pm: 1 }];
  const decoded = source.over?.(given(items)).decode({ items: [] });
  assert.deepEqual(decoded?.items, [{ sensor: 'b', pm: 1 }]);
  assert.deepEqual([...(decoded?.positions ?? [])], [1]);
  assert.deepEqual(decoded?.rejected, [
    { at: 0, why: 'no field "pm"' },
    { at: 2, why: 'field "pm": "x" is no number' },
    { at: 3, why: 'no object with the columns as fields' },
    { at: 4, why: 'field "sensor" is neither text nor a number' },
  ]);
});
