import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { Case, Item } from './fixtures/event-time.ts';
import { loadFlow } from './load-flow.ts';
import { runThreaded } from './run-threaded.ts';

const path = join(import.meta.dirname, 'fixtures/event-time.ts');
const home = import.meta.url;
const folder = mkdtempSync(join(tmpdir(), 'linnet-event-time-'));
const START = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;
let cases = 0;

after(() => rmSync(folder, { recursive: true, force: true }));

/** What the sinks print, and how many records each got. */
async function run(input: Case, workers: number): Promise<{ lines: string[]; text: string }> {
  const file = join(folder, 'case.json');
  writeFileSync(file, JSON.stringify(input));
  process.env['CASE'] = file;
  // A module is loaded once for each URL: every case needs a flow of its own.
  const graph = await loadFlow(copyOf(), home);
  let text = '';
  const print = (more: string) => {
    text += more;
    return Promise.resolve();
  };
  await runThreaded(graph, { format: 'json', print, workers, path, home });
  return { text, lines: text.trimEnd().split('\n').toSorted() };
}

function copyOf(): string {
  const copy = join(folder, `flow-${cases++}.ts`);
  writeFileSync(copy, `export { default } from ${JSON.stringify(`${path}?${cases}`)};\n`);
  return copy;
}

/** Records at different times, with the time that each one is delayed by. */
const happened = fc.uniqueArray(
  fc.record({
    minute: fc.integer({ min: 0, max: 300 }),
    delay: fc.integer({ min: 0, max: 30 }),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    side: fc.constantFrom('left' as const, 'right' as const),
  }),
  { selector: ({ minute }) => minute, minLength: 10, maxLength: 80 },
);

test('windows and joins: the order of arrival, the blocks, the partitions and 1, 2 or 3 workers change no result', async () => {
  await fc.assert(
    fc.asyncProperty(
      happened,
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }),
      fc.constantFrom('source' as const, 'key' as const),
      async (records, block, turns, mode) => {
        const arrived = records
          .toSorted((a, b) => a.minute + a.delay - (b.minute + b.delay))
          .map(({ minute, key, side }, id): Item => ({ id, key, side, time: START + minute * MINUTE }));
        const inOrder = arrived.toSorted((a, b) => a.time - b.time);
        const byPartition = ['abc', 'de'].map((keys) => arrived.filter(({ key }) => keys.includes(key)));
        const expected = await run({ partitions: [inOrder], block: 1000, turns: [0], mode }, 1);
        assert.ok(!expected.text.includes('late'), 'nothing is late');
        const texts: string[] = [];
        for (const workers of [1, 2, 3]) {
          const { lines, text } = await run({ partitions: byPartition, block, turns, mode }, workers);
          assert.deepEqual(lines, expected.lines, `${workers} workers`);
          texts.push(text);
        }
        // Of the same blocks even the order of what is printed is the same.
        assert.equal(texts[1], texts[0]);
        assert.equal(texts[2], texts[0]);
      },
    ),
    { numRuns: 3, endOnFailure: true },
  );
});
