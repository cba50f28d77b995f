/** The published rows of the source system, through the real process. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { linnet, root } from '../../../../test/run-linnet.ts';

interface Golden {
  readonly columns: readonly string[];
  readonly imputed: readonly (readonly [row: number, column: number, value: number])[];
  readonly offset_: number;
  readonly anomalies_rows: readonly number[];
  readonly lowest100: readonly (readonly [row: number, sensor: number, score: number])[];
  readonly every100: readonly number[];
  readonly published_check: readonly { readonly sensor_index: number; readonly published: number }[];
}

interface Row {
  readonly [column: string]: unknown;
  readonly sensor_index: number;
  readonly anomaly: number;
  readonly score: number;
  readonly why: readonly { column: string; value: number; low: number; high: number }[];
}

const SNAPSHOT = 'examples/purpleair/data.json';
const golden = JSON.parse(readFileSync(join(root, 'golden/purpleair_batch.json'), 'utf8')) as Golden;
const { fields } = JSON.parse(readFileSync(join(root, SNAPSHOT), 'utf8')) as { fields: string[] };
const folder = mkdtempSync(join(tmpdir(), 'linnet-batch-'));
after(() => rmSync(folder, { recursive: true }));

function rowsOf(lines: string): Row[] {
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

function near(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= 1e-12 * Math.abs(expected), `${what}: ${actual}, not ${expected}`);
}

test('the snapshot gives the 256 anomalies, the scores and the offset that were published', async () => {
  const { code, stdout, stderr } = await linnet(['batch', SNAPSHOT, '--output', 'json']);
  assert.equal(code, 0, stderr);
  const rows = rowsOf(stdout);
  assert.equal(rows.length, 256);
  const bySensor = new Map(rows.map((row) => [row.sensor_index, row]));
  for (const { sensor_index, published } of golden.published_check) {
    assert.equal(
      bySensor.get(sensor_index)?.score.toFixed(6),
      published.toFixed(6),
      `sensor ${sensor_index}`,
    );
  }
  for (const [row, sensor, score] of golden.lowest100)
    near(bySensor.get(sensor)?.score ?? 0, score, `row ${row}`);
  assert.deepEqual(Object.keys(rows[0] ?? {}), [...fields, 'anomaly', 'score', 'why']);
  assert.ok(rows.every(({ anomaly }) => anomaly === -1));
  assert.equal(rows[0]?.['date_created'], '2017-07-11T18:58:30.000Z');

  assert.equal(stderr.trimEnd().split('\n').length, 1);
  const { seconds, ...summary } = JSON.parse(stderr) as Record<string, unknown> & {
    seconds: Record<string, number>;
  };
  assert.deepEqual(summary, {
    rows: 25552,
    skipped: 0,
    imputed: 3280,
    anomalies: 256,
    offset: golden.offset_,
  });
  assert.deepEqual(Object.keys(seconds), ['read', 'impute', 'fit', 'score']);
  assert.ok(Object.values(seconds).every((value) => value >= 0 && value < 60));
});

test('every anomaly says which columns isolate it, with value and usual range', async () => {
  const { stdout } = await linnet(['batch', SNAPSHOT, '--output', 'json']);
  for (const row of rowsOf(stdout)) {
    assert.ok(row.why.length > 0, `sensor ${row.sensor_index} has no reason`);
    for (const { column, value, low, high } of row.why) {
      assert.equal(value, row[column]);
      assert.ok(low <= high);
    }
  }
  const loud = rowsOf(stdout).find(({ sensor_index }) => sensor_index === 1970);
  assert.ok(
    loud?.why.some(({ column, value, high }) => column === 'pm1.0_cf_1' && value === 4139.3 && high < 100),
  );
});

test('--all gives every row with its imputed values, in the order of the input', async () => {
  const out = join(folder, 'all.jsonl');
  const { code, stdout, stderr } = await linnet([
    'batch',
    SNAPSHOT,
    '--output',
    'json',
    '--all',
    '--out',
    out,
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, '');
  const rows = rowsOf(readFileSync(out, 'utf8'));
  assert.equal(rows.length, 25552);
  for (const [row, column, value] of golden.imputed) {
    assert.equal(rows[row]?.[golden.columns[column] ?? ''], value, `row ${row}`);
  }
  golden.every100.forEach((score, index) => near(rows[index * 100]?.score ?? 0, score, `row ${index * 100}`));
  const anomalies = rows.flatMap(({ anomaly }, index) => (anomaly === -1 ? [index] : []));
  assert.deepEqual(anomalies, golden.anomalies_rows);
  assert.ok(rows.every(({ anomaly }) => anomaly === 1 || anomaly === -1));
});

test('the tables for people and for spreadsheets hold the same anomalies', async () => {
  const text = await linnet(['batch', SNAPSHOT]);
  assert.equal(text.code, 0, text.stderr);
  const lines = text.stdout.trimEnd().split('\n');
  assert.equal(lines.length, 257);
  assert.match(lines[0] ?? '', /^record\s+sensor_index\s+date_created\s+score\s+why/);
  assert.match(lines[1] ?? '', /^\s+101\s+1970\s+2017-07-11T18:58:30Z\s+-0\.7433\s+\S+ [-\d.]+ \(/);
  assert.match(text.stderr, /^256 anomalies in 25,552 records of .* \(1\.0 %\): score below -0\.6886\n/);

  const csv = await linnet(['batch', SNAPSHOT, '--output', 'csv']);
  const records = csv.stdout.split('\r\n');
  assert.equal(records.length, 258);
  assert.equal(records[0], [...fields, 'anomaly', 'score', 'why'].join(','));
  assert.match(records[1] ?? '', /^1970,2017-07-11T18:58:30\.000Z,.*,-1,-0\.743271890957989\d?,"/);
});

test('a result can be read again: CSV in, JSON lines in', async () => {
  const csv = await linnet(['batch', SNAPSHOT, '--output', 'csv', '--all']);
  const again = await linnet(['batch', '-', '--output', 'json', '--columns', golden.columns.join(',')], {
    input: csv.stdout,
  });
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(
    rowsOf(again.stdout).map((row) => row.score),
    rowsOf((await linnet(['batch', SNAPSHOT, '--output', 'json'])).stdout).map((row) => row.score),
  );
  assert.match(again.stderr, /column score of the input is not written: the result has one of that name/);
});
