import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readTable } from '@linnet/connectors/file';

const root = join(import.meta.dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-prepare-'));
after(() => rmSync(folder, { recursive: true }));

const RAW = 'examples/gateway/data/motes-1-4-6.txt.gz';
const PUBLISHED =
  '--layout intel-lab --from 2004-03-01 --to 2004-03-10T09:07 --resample 2min --value temperature --pivot sensor --drop-empty';

function prepare(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const main = join(root, 'apps/cli/src/main.ts');
  return spawnSync(process.execPath, ['--conditions=source', main, 'prepare', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
}

test('motes 1, 4 and 6 have the published figures', () => {
  const { stdout, stderr, status } = prepare(
    RAW,
    ...PUBLISHED.split(' '),
    '--interpolate',
    'linear',
    '--describe',
  );
  assert.equal(status, 0, stderr);
  assert.equal(
    stdout,
    `sensor  count  missing       mean       std        min        p25        p50        p75        max
     1   6754      143  22.192462  2.395218  17.195400  20.581300  22.041500  23.869200  28.654867
     4   6754      349  22.249970  2.049267  18.038200  20.988000  22.046400  23.437387  27.652000
     6   6754      582  21.786615  1.874288  17.616800  20.547612  21.821000  23.166867  26.534800
`,
  );
  assert.match(stderr, /48\d\d\d lines, 0 short, 0 malformed/);
});

test('CSV and Parquet hold the same table, and --describe --output json one object a sensor', async () => {
  const [csv, parquet] = [join(folder, 'series.csv'), join(folder, 'series.parquet')];
  const { stdout } = prepare(RAW, ...PUBLISHED.split(' '), '--out', csv, '--describe', '--output', 'json');
  prepare(RAW, ...PUBLISHED.split(' '), '--out', parquet);
  const described = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    described.map(({ sensor, count, missing }) => [sensor, count, missing]),
    [
      ['1', 6611, 143],
      ['4', 6405, 349],
      ['6', 6172, 582],
    ],
  );
  assert.equal(readFileSync(csv, 'utf8').split('\n')[1], '2004-03-01T00:00:00.000Z,18.4498,19.1113,18.6752');
  const [a, b] = await Promise.all(
    [csv, parquet].map((path) => readTable({ name: path, bytes: readFileSync(path) })),
  );
  assert.equal(a?.rows, 6754);
  assert.deepEqual(a?.columns, b?.columns);
});

test('--plot draws every sensor', () => {
  const { stdout } = prepare(RAW, ...PUBLISHED.split(' '), '--plot');
  assert.match(stdout, /sensor 1\n {4}28\.65 [\u2800-\u28ff]{72}\n/);
});

test('a bad time, a bad interval, another ending and nothing to do are usage errors', () => {
  for (const args of [
    ['--resample', '2min', '--from', 'monday', '--describe'],
    ['--resample', '2', '--describe'],
    ['--resample', '2min', '--out', 'series.txt'],
    ['--resample', '2min'],
  ]) {
    const { status, stderr } = prepare(RAW, '--layout', 'intel-lab', ...args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^linnet: /);
  }
});

test('a missing file and an empty span of time fail with one line', () => {
  const layout = ['--layout', 'intel-lab', '--resample', '2min', '--describe'];
  const missing = prepare('none.txt', ...layout);
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /^linnet: cannot read none\.txt: .*\n$/);
  const empty = prepare(RAW, ...layout, '--from', '2010-01-01');
  assert.equal(empty.status, 1);
  assert.match(empty.stderr, /no reading lies within the limits/);
});
