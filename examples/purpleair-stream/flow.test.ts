import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const golden = JSON.parse(readFileSync(join(root, 'golden/purpleair_stream.json'), 'utf8')) as {
  shared: {
    first500: [string, number][];
    hits_gt_0_7: [string, number][];
    every100: number[];
    count: number;
  };
  per_cell: { hits_gt_0_7: [string, string, number][]; keys: number; count: number };
  stat_imputed: { values: [number, string, number][] };
};

interface Hit {
  readonly sensor_index: number;
  readonly anomaly_score: number | null;
  readonly [field: string]: unknown;
}

function run(env: Record<string, string>, ...args: string[]) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--conditions=source', 'apps/cli/src/main.ts', 'run', 'examples/purpleair-stream/flow.ts', ...args],
    { cwd: root, encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 2 ** 28 },
  );
  assert.equal(status, 0, stderr);
  return {
    stdout,
    stderr,
    hits: () =>
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Hit),
  };
}

test('one model for the fleet gives the 1,062 anomalies and scores of River', () => {
  const hits = run({ KEY: 'fleet' }, '--output', 'json').hits();
  assert.deepEqual(
    hits.map(({ sensor_index, anomaly_score }) => [String(sensor_index), anomaly_score]),
    golden.shared.hits_gt_0_7,
  );
});

test('every score of the stream and every imputed value is River’s', () => {
  const all = run({ KEY: 'fleet', SCORES: 'all' }, '--output', 'json').hits();
  assert.equal(all.length, 25_552);
  assert.deepEqual(
    all.slice(0, 500).map(({ anomaly_score }) => anomaly_score),
    golden.shared.first500.map(([, score]) => score),
  );
  assert.deepEqual(
    all.filter((_, row) => row % 100 === 0).map(({ anomaly_score }) => anomaly_score),
    golden.shared.every100,
  );
  // The source system learned each temperature twice, the second time with what it had filled in; that is not copied.
  const imputed = golden.stat_imputed.values.filter(([, field]) => field !== 'temperature');
  assert.ok(imputed.length > 2000);
  for (const [row, field, value] of imputed) assert.equal(all[row]?.[field], value);
});

test('one model for each cell of 10 degrees gives River’s anomalies', () => {
  const { hits, stderr } = run({ KEY: 'cell' }, '--output', 'json');
  assert.deepEqual(
    hits().map(({ sensor_index, anomaly_score }) => [String(sensor_index), anomaly_score]),
    golden.per_cell.hits_gt_0_7.map(([, sensor, score]) => [sensor, score]),
  );
  const { steps } = JSON.parse(stderr) as { steps: { key: { keys: number } } };
  assert.equal(steps.key.keys, golden.per_cell.keys);
});

test('a model for each sensor is never warm, and the flow says so', () => {
  const { stdout, stderr } = run({ KEY: 'sensor' });
  assert.equal(stdout, '');
  assert.match(stderr, /no half-space-trees model ever had enough records/);
});

for (const workers of ['2', '3']) {
  test(`${workers} workers print the same bytes`, () => {
    assert.equal(
      run({}, '--workers', workers).stdout,
      readFileSync(join(import.meta.dirname, 'expected.txt'), 'utf8'),
    );
    const env = { KEY: 'cell', SCORES: 'all' };
    const one = run(env, '--output', 'json', '--limit', '5000').stdout;
    assert.equal(run(env, '--output', 'json', '--limit', '5000', '--workers', workers).stdout, one);
  });
}

test('a value that is no number is not scored, and counted; a missing one is imputed', () => {
  const lines = ['12.5', '"13"', 'null', '1e999'].map(
    (pm, i) => `{"sensor_index":${i},"pm1.0_cf_1":${pm}}\n`,
  );
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      '--conditions=source',
      'apps/cli/src/main.ts',
      'run',
      'examples/purpleair-stream/flow.ts',
      '--output',
      'json',
    ],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, INPUT: '-', SCORES: 'all' },
      input: lines.join(''),
    },
  );
  assert.equal(status, 0, stderr);
  const scored = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Hit);
  assert.deepEqual(
    scored.map(({ anomaly_score }) => anomaly_score),
    [0, null, 0, null],
  );
  assert.deepEqual(
    scored.map((hit) => hit['pm1.0_cf_1']),
    [12.5, '13', 12.5, null],
  );
  assert.equal((JSON.parse(stderr) as { skipped: number }).skipped, 2);
});
