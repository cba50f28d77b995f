import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Source } from '../engine/source.ts';
import { partitioned } from '../testing/partitioned.ts';
import { runLocal } from '../engine/run.ts';
import { sliding } from '../window/sliding.ts';
import { tumbling } from '../window/tumbling.ts';
import { session } from '../window/session.ts';
import { flow } from './flow.ts';
import type { Windower } from '../base/window.ts';

interface Reading {
  readonly sensor: string;
  readonly time: number;
  readonly value: number;
}

const START = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;

async function windowed(
  source: Source<Reading>,
  windower: Windower<never>,
  lateness: number,
): Promise<{ windows: string[]; late: number }> {
  const built = flow('laws');
  const windows: string[] = [];
  let late = 0;
  const sink = <T>(take: (item: T) => void) => ({
    kind: 'take',
    open: () => ({
      write: (items: readonly T[]) => Promise.resolve(items.forEach(take)),
      close: () => Promise.resolve(),
    }),
  });
  const result = built
    .source('in', source)
    .eventTime('time', { at: ({ time }) => time, lateness, idle: '1d' })
    .keyBy('sensor', ({ sensor }) => sensor)
    .window(windower)
    .collect('windows');
  result.sink(
    'out',
    sink(({ key, window, value }) => {
      windows.push(JSON.stringify([key, window.start, window.end, value.map((reading) => reading.value)]));
    }),
  );
  result.late.sink(
    'late',
    sink(() => late++),
  );
  await runLocal(built.graph, { print: () => Promise.resolve() });
  return { windows: windows.toSorted(), late };
}

/** Readings at different times, each delayed by no more than the lateness, in the order in which they arrive. */
const arrivals = fc
  .uniqueArray(
    fc.record({
      minute: fc.integer({ min: 0, max: 600 }),
      delay: fc.integer({ min: 0, max: 30 }),
      sensor: fc.constantFrom('a', 'b', 'c'),
    }),
    {
      selector: ({ minute }) => minute,
      maxLength: 60,
    },
  )
  .map((list) =>
    list
      .toSorted((a, b) => a.minute + a.delay - (b.minute + b.delay))
      .map(({ minute, sensor }): Reading => ({ sensor, time: START + minute * MINUTE, value: minute })),
  );

const windowers: Record<string, Windower<never>> = {
  tumbling: tumbling({ length: '1h', align: START }) as unknown as Windower<never>,
  sliding: sliding({ length: '1h', every: '20m', align: START }) as unknown as Windower<never>,
  session: session({ gap: '10m' }) as unknown as Windower<never>,
};

for (const [name, windower] of Object.entries(windowers)) {
  test(`${name}: within the lateness neither the order of arrival nor the block size nor the partition's turn matters`, async () => {
    await fc.assert(
      fc.asyncProperty(
        arrivals,
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }),
        async (readings, block, turns) => {
          const inOrder = readings.toSorted((a, b) => a.time - b.time);
          const expected = await windowed(partitioned([inOrder]), windower, 0);
          assert.equal(expected.late, 0);
          assert.deepEqual(
            await windowed(partitioned([readings], { block, turns: [0] }), windower, 30 * MINUTE),
            expected,
          );
          // A partition that is read far ahead of another makes nothing late.
          const parts = ['a', 'b', 'c'].map((sensor) =>
            readings.filter((reading) => reading.sensor === sensor),
          );
          assert.deepEqual(
            await windowed(partitioned(parts, { block, turns }), windower, 30 * MINUTE),
            expected,
          );
        },
      ),
      { numRuns: 60 },
    );
  });
}

test('a record behind the watermark is late, whatever the block size', async () => {
  const at = (minute: number): Reading => ({ sensor: 'a', time: START + minute * MINUTE, value: minute });
  const readings = [at(0), at(100), at(65), at(69), at(70), at(200)];
  for (const block of [1, 2, 3, 10]) {
    const { windows, late } = await windowed(
      partitioned([readings], { block, turns: [0] }),
      windowers['tumbling'] as Windower<never>,
      30 * MINUTE,
    );
    assert.equal(late, 2, `block ${block}`);
    assert.equal(windows.length, 3);
  }
});
