import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HistoryKeeper } from './history-keeper.ts';
import { HistoryReader, HistoryWriter, backlogRows, openStore } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-keeper-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const DUE = 300_000;

function append(file: string, rows: number) {
  const database = openStore(file);
  const column = (value: (i: number) => number) => Float64Array.from({ length: rows }, (_, i) => value(i));
  database.exec('BEGIN');
  new HistoryWriter(database).append({
    sensors: ['s'],
    sensor: new Int32Array(rows),
    time: column((i) => i * 1000),
    channels: { v: column((i) => i % 100) },
  });
  database.exec('COMMIT');
  return database;
}

test('what is due is compacted by the thread while the writer goes on; closing compacts the rest', async () => {
  const file = join(folder, 'kept.db');
  const database = append(file, DUE);
  const keeper = new HistoryKeeper(file, {});
  const told: string[] = [];
  keeper.wrote(DUE, (message) => told.push(message));
  // The writer's own reads see the chunks appear: the thread is on its own connection.
  while (backlogRows(database) > 0) await new Promise((resolve) => setImmediate(resolve));
  append(file, 10).close();
  keeper.wrote(10, (message) => told.push(message));
  await keeper.close(database, (message) => told.push(message));
  assert.deepEqual(told, []);
  assert.equal(backlogRows(database), 0);
  assert.equal(new HistoryReader(database).read('s').time.length, DUE + 10);
  database.close();
});

test('a thread that cannot work is told, stops nothing and is not waited for', async () => {
  const file = join(folder, 'whole.db');
  const database = append(file, 10);
  const other = join(folder, 'other.db');
  writeFileSync(other, 'this is no store and never was one, but long enough to be looked at'.repeat(20));
  const keeper = new HistoryKeeper(other, {});
  const told: string[] = [];
  keeper.wrote(DUE, (message) => told.push(message));
  await keeper.close(database, (message) => told.push(message));
  assert.equal(told.length, 1);
  assert.match(
    told[0] ?? '',
    /could not be compacted \(.*other\.db is no store or is damaged.*its readings are kept/,
  );
  database.close();
});
