import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-gateway-flow-'));
after(() => rmSync(folder, { recursive: true }));
const RAW = 'examples/gateway/data/motes-1-4-6.txt.gz';
const [table, readings, model] = ['series.csv', 'readings.jsonl', 'model.linnet'].map((name) =>
  join(folder, name),
) as [string, string, string];

function linnet(args: readonly string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=source', 'apps/cli/src/main.ts', ...args],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26, env: { ...process.env, SENSORS: '1,4,6', ...env } },
  );
  assert.equal(status, 0, stderr);
  return stdout;
}

/** The raw lines in the order in which a gateway hears them. */
const lines = gunzipSync(readFileSync(join(root, RAW)))
  .toString()
  .trim()
  .split('\n')
  .map((line) => line.split(/\s+/) as [string, string, string, string, string])
  .map(([date, clock, , sensor, temperature]) => ({
    sensor,
    time: `${date}T${clock}Z`,
    temperature: Number(temperature),
  }))
  .toSorted((a, b) => (a.time < b.time ? -1 : 1));
const write = (list: readonly object[]): void =>
  writeFileSync(readings, list.map((reading) => `${JSON.stringify(reading)}\n`).join(''));

const LAYOUT =
  '--layout intel-lab --from 2004-03-01 --to 2004-03-10T09:07 --resample 2min --interpolate linear';
linnet(['prepare', RAW, '--out', table, ...LAYOUT.split(' ')]);

test('the live rows are those of linnet prepare, to the last digit, on two workers', () => {
  write(lines);
  const live = linnet(['run', 'examples/gateway/flow.ts', '--workers', '2', '--output', 'json'], {
    INPUT: readings,
  });
  const prepared = readFileSync(table, 'utf8').trim().split('\n').slice(1);
  const rows = live
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .map((row) => [row['time'], row['1'], row['4'], row['6']].join());
  // The last two instants are not over when the readings end.
  assert.deepEqual(rows, prepared.slice(0, -2));
});

test('with a model, a spike is found while it comes, and its sensor named', () => {
  linnet(['train', 'lstm', table, '--units', '16', '--epochs', '3', '--out', model]);
  const noon = lines.findIndex(({ time, sensor }) => sensor === '4' && time.startsWith('2004-03-09T12:0'));
  const spiked = lines.map((reading, i) => (i === noon ? { ...reading, temperature: 60 } : reading));
  write(spiked.filter(({ time }) => time >= '2004-03-09'));
  const alarms = linnet(['run', 'examples/gateway/flow.ts', '--output', 'json'], {
    INPUT: readings,
    MODEL: model,
  })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { time: string; sensor: string; ratio: number });
  const [worst] = alarms.toSorted((a, b) => b.ratio - a.ratio);
  assert.equal(worst?.sensor, '4');
  assert.match(worst.time, /^2004-03-09T12:(?:0|1[0-9])/);
});
