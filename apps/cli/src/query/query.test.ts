import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { HistoryWriter, compact, openStore } from '@linnet/connectors/history';
import { linnet } from '../../../../test/run-linnet.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-query-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const store = join(folder, 'air.db');
const START = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;

/** Sensor `north`: 5,000 readings a minute apart, compacted; 42: 100, which wait in a tail. */
const database = openStore(store);
append('north', 5000);
while (compact(database).rows > 0);
append(42, 100);
database.close();

function append(sensor: string | number, rows: number): void {
  const column = (value: (i: number) => number) => Float64Array.from({ length: rows }, (_, i) => value(i));
  database.exec('BEGIN');
  new HistoryWriter(database).append({
    sensors: [sensor],
    sensor: new Int32Array(rows),
    time: column((i) => START + i * MINUTE),
    channels: {
      pm: column((i) => (i % 10 === 3 ? Number.NaN : i === 2222 ? 412.5 : i % 50)),
      score: column((i) => i / 1e4),
      anomaly: column((i) => Number(i === 2222)),
    },
  });
  database.exec('COMMIT');
}

const query = (...args: string[]) => linnet(['query', '--store', store, ...args]);

test('readings of a sensor in a span as CSV: the end is not included, missing is empty', async () => {
  const { code, stdout } = await query(
    '--sensor',
    'north',
    '--from',
    '2024-01-01T00:02',
    '--to',
    '2024-01-01T00:04',
  );
  assert.equal(code, 0);
  assert.deepEqual(stdout.split('\n'), [
    'sensor,time,pm,score,anomaly',
    'north,2024-01-01T00:02:00.000Z,2,0.0002,0',
    'north,2024-01-01T00:03:00.000Z,,0.0003,0',
    '',
  ]);
});

test('JSON is an object a line, a sensor that is a number stays one, missing is null', async () => {
  const { stdout } = await query(
    '--sensor',
    '42',
    '--metric',
    'pm',
    '--from',
    '2024-01-01T00:03',
    '--to',
    '2024-01-01T00:05',
    '--output',
    'json',
  );
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [
      { sensor: 42, time: '2024-01-01T00:03:00.000Z', pm: null },
      { sensor: 42, time: '2024-01-01T00:04:00.000Z', pm: 4 },
    ],
  );
});

test('without a sensor all are read, into a Parquet file that holds the same numbers', async () => {
  const out = join(folder, 'all.parquet');
  assert.equal((await query('--output', 'parquet', '--out', out)).code, 0);
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(out) });
  assert.equal(rows.length, 5100);
  assert.deepEqual(rows[100 + 2222], {
    sensor: 'north',
    time: new Date(START + 2222 * MINUTE),
    pm: 412.5,
    score: 0.2222,
    anomaly: 1,
  });
  assert.equal(rows[103]?.['pm'], null);
});

test('thinned out, at most so many readings are left, the spike among them; each is one that there was', async () => {
  for (const metrics of [['--metric', 'pm'], []]) {
    const { stdout } = await query(
      '--sensor',
      'north',
      '--downsample',
      '500',
      '--output',
      'json',
      ...metrics,
    );
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { time: string; pm: number | null });
    assert.ok(rows.length > 150 && rows.length <= 500, `${rows.length} rows`);
    assert.ok(rows.some(({ pm }) => pm === 412.5));
    for (const { time, pm } of rows) {
      const i = (Date.parse(time) - START) / MINUTE;
      assert.equal(pm, i % 10 === 3 ? null : i === 2222 ? 412.5 : i % 50);
    }
  }
});

test('anomalies are listed in time order; --list shows sensors, metrics and spans', async () => {
  const { stdout } = await query('--anomalies', '--metric', 'score');
  assert.equal(stdout, 'sensor,time,score\nnorth,2024-01-02T13:02:00.000Z,0.2222\n');
  const list = JSON.parse((await query('--list', '--output', 'json')).stdout) as unknown;
  const last = (i: number) => new Date(START + i * MINUTE).toISOString();
  assert.deepEqual(list, {
    metrics: ['pm', 'score', 'anomaly'],
    sensors: [
      { sensor: 42, readings: 100, first: last(0), last: last(99) },
      { sensor: 'north', readings: 5000, first: last(0), last: last(4999) },
    ],
  });
  const { stdout: north } = await query('--list', '--sensor', 'north');
  assert.match(north, /north +5,000/);
  assert.doesNotMatch(north, /42/);
});

test('what cannot be answered is said in a line, and no file is left behind', async () => {
  const out = join(folder, 'never.csv');
  const refused = async (code: number, message: RegExp, ...args: string[]) => {
    const run = await linnet(['query', ...args, '--out', out]);
    assert.equal(run.code, code, run.stderr);
    assert.match(run.stderr, message);
    assert.equal(run.stdout, '');
    assert.ok(!existsSync(out));
  };
  await refused(1, /air\.db has no sensor "east"; it has 42, north\n/, '--store', store, '--sensor', 'east');
  await refused(
    1,
    /air\.db has no metric "co2"; it has pm, score, anomaly\n/,
    '--store',
    store,
    '--metric',
    'co2',
  );
  await refused(1, /nowhere\.db: there is no store/, '--store', join(folder, 'nowhere.db'));
  await refused(1, /holds no recovery store/, '--recovery', folder);
  await refused(2, /either --recovery DIR or --store FILE/);
  await refused(
    2,
    /--from 2025.* is not before --to 2024/,
    '--store',
    store,
    '--from',
    '2025-01-01',
    '--to',
    '2024-01-01',
  );
  await refused(2, /must be at least 4/, '--store', store, '--downsample', '3');
  await refused(2, /It must be a time like/, '--store', store, '--from', 'yesterday');
  const text = join(folder, 'text.db');
  writeFileSync(text, 'this is a text and no store, whatever its name says '.repeat(40));
  await refused(1, /text\.db is no store or is damaged/, '--store', text);
  const other = join(folder, 'other.db');
  new DatabaseSync(other).exec('CREATE TABLE t(a)');
  await refused(1, /other\.db holds no history/, '--store', other);
});

test('damaged readings are an error that names the file and the span, or are left out when told to', async () => {
  const damaged = join(folder, 'damaged.db');
  const bytes = readFileSync(store);
  writeFileSync(damaged, bytes);
  const db = new DatabaseSync(damaged);
  db.exec("UPDATE history_chunk SET data = CAST('x' || substr(data, 2) AS BLOB)");
  // The list of anomalies has values of its own.
  db.exec(
    "UPDATE history_anomaly SET cells = CAST(substr(cells, 1, 12) || 'x' || substr(cells, 14) AS BLOB)",
  );
  db.close();
  const list = await linnet(['query', '--store', damaged, '--anomalies']);
  assert.equal(list.code, 1);
  assert.match(
    list.stderr,
    /damaged\.db is damaged: 1 reading of 2024-01-02T13:02:00.000Z \(anomaly 1: its checksum/,
  );
  const refused = await linnet(['query', '--store', damaged, '--sensor', 'north']);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /damaged\.db is damaged: 5000 readings of 2024-01-01.*restore it from a backup, or .*--skip-damaged/,
  );
  const told = await linnet(['query', '--store', damaged, '--skip-damaged', '--output', 'json']);
  assert.equal(told.code, 0);
  assert.equal(told.stdout.trim().split('\n').length, 100);
  assert.match(told.stderr, /^linnet: left out: 5000 readings/);
});

test(
  'a store in a folder that nobody can write to is read',
  { skip: process.getuid?.() !== 0 && 'needs root' },
  async () => {
    const mount = join(folder, 'backup');
    mkdirSync(mount);
    const { spawnSync } = await import('node:child_process');
    const sh = (script: string) => assert.equal(spawnSync('sh', ['-ec', script]).status, 0);
    sh(
      `mount -t tmpfs -o size=8m tmpfs '${mount}' && cp '${store}' '${mount}/air.db' && mount -o remount,ro '${mount}'`,
    );
    try {
      const { code, stdout } = await linnet(['query', '--store', join(mount, 'air.db'), '--sensor', '42']);
      assert.equal(code, 0);
      assert.equal(stdout.trim().split('\n').length, 101);
      assert.ok(statSync(join(mount, 'air.db')).size > 0);
    } finally {
      sh(`umount '${mount}'`);
    }
  },
);
