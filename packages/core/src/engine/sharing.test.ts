import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Batch, type Key } from './batch.ts';
import { shareColumn, sharedMarks } from './sharing.ts';

const decoded = (items: readonly unknown[]) => new Batch(items);

test('the column that holds the key is found, also behind records that were left out', () => {
  const items = [
    { at: 1, sensor: 's1', site: 's1' },
    { at: 2, sensor: 's2', site: 's9' },
    { at: 3, sensor: 's1', site: 's1' },
  ];
  const keyed = new Batch([items[0], items[1]], {
    keys: ['s1', 's2'],
    ranks: [Int32Array.of(0, 1)],
  });
  assert.deepEqual(shareColumn(decoded(items), keyed), { column: 'sensor', numeric: false });
  const from = new Batch(items, { ranks: [Int32Array.of(4, 7, 9)] });
  const last = new Batch([items[1]], { keys: [2], ranks: [Int32Array.of(7)] });
  assert.deepEqual(shareColumn(from, last), { column: 'at', numeric: true });
});

test('a key that no column holds, or that only some of the records do, is not found', () => {
  const items = [{ sensor: 's1' }, { sensor: 's2' }];
  assert.equal(shareColumn(decoded(items), new Batch(items, { keys: ['s1', 'S2'] })), undefined);
  assert.equal(shareColumn(decoded(items), new Batch(items, { keys: ['x', 'y'] })), undefined);
  assert.equal(shareColumn(decoded([]), new Batch([], { keys: [] })), undefined);
  assert.equal(shareColumn(decoded([7, null]), new Batch([7, null], { keys: [7 as Key, 'a'] })), undefined);
});

test('the marks of shares are those of the whole block', () => {
  const record = fc.record({ time: fc.integer({ min: 0, max: 30 }), worker: fc.nat(2), kept: fc.boolean() });
  fc.assert(
    fc.property(fc.array(record), (records) => {
      let mark = -Infinity;
      const whole = records.map(({ time }) => (mark = Math.max(mark, time)));
      const shares = [0, 1, 2].map((worker) => {
        const own = records.flatMap((_, rank) => (records[rank]?.worker === worker ? [rank] : []));
        const steps: { ranks: number[]; marks: number[] } = { ranks: [], marks: [] };
        let reached = -Infinity;
        const marks = own.map((rank) => {
          const { time } = records[rank] as { time: number };
          if (time > reached) {
            reached = time;
            steps.ranks.push(rank);
            steps.marks.push(time);
          }
          return reached;
        });
        const kept = own.flatMap((rank, i) => (records[rank]?.kept === true ? [i] : []));
        const batch = new Batch(own, { ranks: [Int32Array.from(own)], marks: Float64Array.from(marks) });
        return {
          batch: batch.pick(Int32Array.from(kept), kept.length),
          steps: { ranks: Int32Array.from(steps.ranks), marks: Float64Array.from(steps.marks) },
        };
      });
      shares.forEach(({ batch }, worker) => {
        const others = shares.filter((_, other) => other !== worker).map(({ steps }) => steps);
        const expected = (batch.items as number[]).map((rank) => whole[rank]);
        assert.deepEqual([...(sharedMarks(batch, others).marks ?? [])], expected);
      });
    }),
  );
});
