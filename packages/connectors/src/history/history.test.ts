import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import {
  HistoryReader,
  HistoryWriter,
  backlogRows,
  compact,
  compactionDue,
  historyBytes,
  openStore,
  openStoreReadOnly,
  retain,
  type Damage,
  type HistoryBatch,
} from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-history-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let stores = 0;
const freshFolder = () => join(folder, `store-${stores++}`);

function commit(db: DatabaseSync, writer: HistoryWriter, batch: HistoryBatch): void {
  db.exec('BEGIN IMMEDIATE');
  writer.append(batch);
  db.exec('COMMIT');
}

const compactAll = (db: DatabaseSync) => {
  while (compact(db).rows > 0);
};

interface Row {
  readonly sensor: string | number;
  readonly time: number;
  readonly value: number;
}

function batchOf(rows: readonly Row[]): HistoryBatch {
  const sensors = [...new Set(rows.map(({ sensor }) => sensor))];
  return {
    sensors,
    sensor: Int32Array.from(rows, ({ sensor }) => sensors.indexOf(sensor)),
    time: Float64Array.from(rows, ({ time }) => time),
    channels: { value: Float64Array.from(rows, ({ value }) => value) },
  };
}

test('times out of order and equal times come back in time order, equal ones as they arrived', () => {
  const db = openStore(freshFolder());
  const writer = new HistoryWriter(db);
  const times = [5, 3, 3, 9, 3, 1];
  const row = (time: number, value: number): Row => ({ sensor: 's', time, value });
  commit(db, writer, batchOf(times.map(row)));
  compactAll(db);
  commit(db, writer, batchOf([row(3, 10), row(2, 11)]));
  const { time, channels } = new HistoryReader(db).read('s');
  assert.deepEqual([...time], [1, 2, 3, 3, 3, 3, 5, 9]);
  assert.deepEqual([...(channels['value'] as Float64Array)], [5, 11, 1, 2, 4, 10, 0, 3]);
  db.close();
});

test('a scan gives every reading once, of chunks and of tails, but none that was given up', () => {
  const db = openStore(freshFolder());
  const writer = new HistoryWriter(db);
  const rows = Array.from({ length: 900 }, (_, i): Row => ({ sensor: `s${i % 7}`, time: i + 1, value: i }));
  commit(db, writer, batchOf(rows.slice(0, 600)));
  compactAll(db);
  commit(db, writer, batchOf(rows.slice(600)));
  const scanned = () => {
    const found: Row[] = [];
    for (const { time, channels, sensorOf } of new HistoryReader(db).scan(['value'])) {
      time.forEach((at, row) => {
        const sensor = sensorOf(row);
        if (sensor !== undefined) found.push({ sensor, time: at, value: channels['value']?.[row] as number });
      });
    }
    return found.toSorted((a, b) => a.time - b.time);
  };
  assert.deepEqual(scanned(), rows);
  retain(db, { ageMs: 400 }, 900);
  assert.deepEqual(
    scanned(),
    rows.filter(({ time }) => time > 500),
  );
  db.close();
});

test('a reader sees one state while a writer commits and compacts', () => {
  const store = freshFolder();
  const db = openStore(store);
  const writer = new HistoryWriter(db);
  const rowsOf = (from: number, count: number): Row[] =>
    Array.from({ length: count }, (_, i) => ({ sensor: 's', time: from + i, value: i }));
  for (let i = 0; i < 3; i++) {
    commit(db, writer, batchOf(rowsOf(i * 10_000, 5000)));
    compactAll(db);
  }
  const readOnly = openStoreReadOnly(store);
  const reader = new HistoryReader(readOnly);
  let seen = 0;
  for (const { time } of reader.readBlocks('s')) {
    seen += time.length;
    commit(db, writer, batchOf(rowsOf(100_000 + seen, 10)));
    compactAll(db);
    retain(db, { ageMs: 0 }, 5);
  }
  assert.equal(seen, 15_000);
  assert.equal(reader.read('s').time.length, 15_000 + 30 - 6);
  readOnly.close();
  db.close();
});

test('100,000 sensors and one sensor alike', () => {
  for (const sensors of [100_000, 1]) {
    const db = openStore(freshFolder());
    const writer = new HistoryWriter(db);
    const count = 200_000;
    const batch = {
      sensors: Array.from({ length: sensors }, (_, i) => `sensor-${i}`),
      sensor: Int32Array.from({ length: count }, (_, i) => i % sensors),
      time: Float64Array.from(
        { length: count },
        (_, i) => 1_700_000_000_000 + Math.floor(i / sensors) * 1000,
      ),
      channels: { value: Float64Array.from({ length: count }, (_, i) => (i % 977) / 10) },
    };
    commit(db, writer, batch);
    assert.equal(compactionDue(db), false);
    compactAll(db);
    assert.equal(backlogRows(db), 0);
    const reader = new HistoryReader(db);
    assert.equal(reader.sensors().length, sensors);
    assert.equal(reader.last().length, sensors);
    for (const index of [0, sensors >> 1, sensors - 1]) {
      const own = batch.channels.value.filter((_, i) => i % sensors === index);
      assert.deepEqual(reader.read(`sensor-${index}`).channels['value'], own);
    }
    db.close();
  }
});

test('a damaged chunk or tail is reported and everything else is read', () => {
  const store = freshFolder();
  const db = openStore(store);
  const writer = new HistoryWriter(db);
  const rowsAt = (from: number): Row[] =>
    Array.from({ length: 10_000 }, (_, i) => ({ sensor: i % 2, time: from + i, value: i / 7 }));
  for (const from of [0, 20_000]) {
    commit(db, writer, batchOf(rowsAt(from)));
    compactAll(db);
  }
  commit(db, writer, batchOf(rowsAt(40_000)));
  commit(db, writer, batchOf(rowsAt(60_000)));
  db.exec(
    "UPDATE history_chunk SET data = substr(data, 1, 200) || x'ff00' || substr(data, 203) WHERE id = 1",
  );
  db.exec(
    "UPDATE history_tail SET data = x'ff' || substr(data, 2) WHERE rowid = (SELECT max(rowid) FROM history_tail)",
  );
  const check = () => {
    const damages: Damage[] = [];
    const reader = new HistoryReader(db, { onDamage: (damage) => damages.push(damage) });
    assert.equal(reader.read(0).time.length, 10_000);
    assert.deepEqual(
      damages.map(({ kind, from, rows: lost, reason }) => ({ kind, from, lost, reason })),
      [
        { kind: 'tail', from: 60_000, lost: 10_000, reason: 'its checksum is wrong' },
        { kind: 'chunk', from: 0, lost: 5000, reason: 'its checksum is wrong' },
      ],
    );
    assert.equal(reader.read(1).time.length, 15_000);
  };
  check();
  assert.deepEqual(compact(db), { rows: 10_000, chunks: 2, damaged: 1 });
  check();
  assert.deepEqual(compact(db), { rows: 0, chunks: 0, damaged: 0 });
  db.close();
});

test('retention by size gives up the oldest readings and keeps the file from growing', () => {
  const db = openStore(freshFolder());
  const writer = new HistoryWriter(db);
  for (let day = 0; day < 30; day++) {
    const random = Array.from({ length: 5000 }, (_, i) => Math.sin(day * 5000 + i) * 1e3);
    commit(db, writer, batchOf(random.map((value, i) => ({ sensor: i % 5, time: day * 1e6 + i, value }))));
    compactAll(db);
    retain(db, { bytesMax: 300_000 }, 0);
  }
  assert.ok(historyBytes(db) <= 300_000, `${historyBytes(db)}`);
  assert.ok(historyBytes(db) > 200_000, `${historyBytes(db)}`);
  const pages = db.prepare('PRAGMA page_count').get()?.['page_count'] as number;
  assert.ok(pages * 4096 < 600_000, `${pages} pages`);
  const { time } = new HistoryReader(db).read(3);
  assert.equal(time.at(-1), 29e6 + 4998);
  db.close();
});

test('a format of a newer release, another kind of file and a missing one are clear errors', () => {
  const store = freshFolder();
  const db = openStore(store);
  db.exec("UPDATE history_meta SET value = 99 WHERE name = 'version'");
  db.close();
  assert.throws(() => openStore(store), { code: 'store.invalid', message: /version 99.*newer Linnet/ });
  assert.throws(() => openStoreReadOnly(store), { code: 'store.invalid', message: /version 99/ });
  assert.throws(() => openStoreReadOnly(join(store, 'nowhere')), { code: 'io.not-found' });
  assert.throws(() => openStoreReadOnly(import.meta.filename), { code: 'store.invalid', message: /damaged/ });
});

test('what is no reading is refused before anything is appended', () => {
  const db = openStore(freshFolder());
  const writer = new HistoryWriter(db);
  const good = batchOf([{ sensor: 's', time: 1, value: 1 }]);
  db.exec('BEGIN');
  for (const bad of [
    { ...good, time: Float64Array.of(Number.NaN) },
    { ...good, time: Float64Array.of(9e15) },
    { ...good, sensor: Int32Array.of(1) },
    { ...good, sensors: [''] },
    { ...good, channels: { value: new Float64Array(2) } },
  ]) {
    assert.throws(() => writer.append(bad), { code: 'data.invalid' });
  }
  db.exec('COMMIT');
  assert.equal(backlogRows(db), 0);
  assert.throws(() => writer.append(good), /within a transaction/);
  db.close();
});

test('a store of format version 1 loads for ever', () => {
  const copy = join(folder, 'v1.db');
  cpSync(join(import.meta.dirname, 'fixtures', 'history-v1.db'), copy);
  const db = openStore(copy);
  const reader = new HistoryReader(db, { onDamage: () => assert.fail('damaged') });
  assert.deepEqual(reader.sensors(), [42, 'north', 'south']);
  assert.deepEqual(reader.channels(), ['pm2.5', 'score', 'anomaly']);
  for (const sensor of reader.sensors()) {
    const { time, channels } = reader.read(sensor);
    assert.equal(time.length, 400);
    const shift = sensor === 42 ? 2 : sensor === 'south' ? 1 : 0;
    for (let i = 0; i < 400; i++) {
      assert.equal(time[i], 1_650_000_000_000 + i * 600_000);
      assert.equal(channels['pm2.5']?.[i], i === 77 ? 412.5 : ((i * 7 + shift) % 50) / 10);
      assert.ok(Object.is(channels['score']?.[i], i < 50 ? Number.NaN : i === 77 ? 0.9 : i / 3000));
    }
  }
  assert.equal(reader.anomalies().length, 3);
  assert.equal(reader.last().length, 3);
  compactAll(db);
  assert.equal(reader.read('north').time.length, 400);
  db.close();
});
