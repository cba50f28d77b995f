import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { flow, records, runLocal, type RunOptions } from '@linnet/core';
import { RecoveryStore, recoveryPath } from '../recovery/index.ts';
import { stateCodec } from '../runtime/index.ts';
import { HistoryReader, history, openStoreReadOnly, type HistoryOptions } from './index.ts';

interface Item {
  readonly s: string;
  readonly t: number;
  readonly v: number;
}

const folder = mkdtempSync(join(tmpdir(), 'linnet-history-sink-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const START = 1_700_000_000_000;
const items: Item[] = Array.from({ length: 5000 }, (_, i) => ({
  s: `s${i % 7}`,
  t: START + i * 60_000,
  v: i,
}));

function graphOf(given: readonly Item[], more: Partial<HistoryOptions<Item>> = {}) {
  const built = flow('kept').source('in', records(given, { block: 100 }));
  const sink = history<Item>({
    sensor: ({ s }) => s,
    time: ({ t }) => t,
    metrics: { v: ({ v }) => v, odd: ({ v }) => v % 2 === 1, noise: ({ v }) => Math.sin(v) },
    anomaly: ({ v }) => v % 1000 === 0,
    ...more,
  });
  built.sink('history', sink);
  return (built.flow as unknown as { graph: Parameters<typeof runLocal>[0] }).graph;
}

const options = (more: Partial<RunOptions> = {}): RunOptions => ({
  clock: { now: () => START },
  codec: stateCodec,
  print: () => Promise.resolve(),
  ...more,
});

function valuesIn(file: string): number[] {
  const db = openStoreReadOnly(file);
  const reader = new HistoryReader(db);
  const values = reader.sensors().flatMap((sensor) => [...(reader.read(sensor).channels['v'] ?? [])]);
  db.close();
  return values.toSorted((a, b) => a - b);
}

test('in a run with recovery each reading is kept once, in the epoch of its block, however often the run is cut off', async () => {
  const directory = join(folder, 'recovery');
  const graph = graphOf(items);
  for (const blocks of [7, 1, 20, Infinity]) {
    const backend = new RecoveryStore(directory, graph);
    let read = 0;
    const recovery = { backend, commitMs: 0, sleep: () => Promise.resolve() };
    await runLocal(graph, options({ recovery, stopped: () => ++read >= blocks }));
    await backend.close();
  }
  assert.deepEqual(
    valuesIn(recoveryPath(directory)),
    items.map(({ v }) => v),
  );
  const db = openStoreReadOnly(recoveryPath(directory));
  const reader = new HistoryReader(db);
  assert.deepEqual(
    reader.anomalies().map(({ values }) => values['v']),
    [0, 1000, 2000, 3000, 4000],
  );
  assert.deepEqual([...reader.read('s1').channels['odd']!.subarray(0, 2)], [1, 0]);
  db.close();
});

test('without recovery the history is a file of its own, to which runs add', async () => {
  const file = join(folder, 'own', 'air.db');
  await runLocal(graphOf(items.slice(0, 10), { file }), options());
  await runLocal(graphOf(items.slice(10, 15), { file }), options());
  assert.deepEqual(
    valuesIn(file),
    items.slice(0, 15).map(({ v }) => v),
  );
});

test('age counts back from the newest reading; size gives up the oldest', async () => {
  const aged = join(folder, 'aged.db');
  await runLocal(graphOf(items, { file: aged, age: '10m' }), options());
  assert.deepEqual(
    valuesIn(aged),
    items.slice(-10).map(({ v }) => v),
  );
  const sized = join(folder, 'sized.db');
  await runLocal(graphOf(items, { file: sized, size: '20kB' }), options());
  const left = valuesIn(sized);
  assert.ok(left.length > 1000 && left.length < 5000, `${left.length} are left`);
  assert.deepEqual(
    left,
    items.slice(-left.length).map(({ v }) => v),
  );
});

test('a record without a sensor or a time is left out and told, and the rest is kept', async () => {
  const file = join(folder, 'gaps.db');
  const bad = [...items.slice(0, 3), { s: '', t: START, v: 7 }, { s: 's1', t: Number.NaN, v: 8 }];
  const told: string[] = [];
  await runLocal(graphOf(bad, { file }), options({ onTrouble: (message) => told.push(message) }));
  assert.deepEqual(valuesIn(file), [0, 1, 2]);
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /left out 2 records without a usable sensor or time; the first is .*"v":7/);
});

test('what cannot be kept is refused when the flow is built', () => {
  const refused = (more: Partial<HistoryOptions<Item>>, message: RegExp) =>
    assert.throws(() => graphOf(items, more), { code: 'config.invalid', message });
  refused({ metrics: { score: () => 1 } }, /metric cannot be named "score"/);
  refused({ size: '10 parsecs' }, /no size such as 500MB/);
  refused({ age: 'soon' as '1d' }, /age/);
  refused({ metrics: { v: 3 as never } }, /v takes a function/);
});
