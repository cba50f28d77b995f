import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-detect-'));
after(() => rmSync(folder, { recursive: true }));

const SERIES = join(root, 'examples/gateway/data/nine-motes-2min.csv.gz');
const MODEL = join(folder, 'm.linnet');

function linnet(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const main = join(root, 'apps/cli/src/main.ts');
  return spawnSync(process.execPath, ['--conditions=source', main, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
}

before(() => {
  const small = '--units 16 --epochs 3 --activation tanh'.split(' ');
  const { status, stderr } = linnet('train', 'lstm', SERIES, '--out', MODEL, ...small);
  assert.equal(status, 0, stderr);
});

/** The recorded series with its lines changed. */
function changed(name: string, change: (cells: string[], line: number) => string[]): string {
  const lines = gunzipSync(readFileSync(SERIES)).toString().trimEnd().split('\n');
  const path = join(folder, name);
  writeFileSync(path, `${lines.map((line, i) => change(line.split(','), i).join(',')).join('\n')}\n`);
  return path;
}

interface Line {
  readonly from: string;
  readonly to: string;
  readonly error: number;
  readonly threshold: number;
  readonly ratio: number;
}

const alarmsIn = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('a sensor that is hot for an hour is named, with the windows, its error and threshold', () => {
  const hot = changed('hot.csv', (cells, line) =>
    line >= 6000 && line < 6030 ? cells.with(4, '39.5') : cells,
  );
  const was = alarmsIn(linnet('detect', SERIES, '--model', MODEL, '--output', 'json').stdout);
  const { status, stdout, stderr } = linnet('detect', hot, '--model', MODEL, '--output', 'json');
  assert.equal(status, 0, stderr);
  const alarms = alarmsIn(stdout);
  const own = alarms.filter(({ sensor }) => sensor === '19');
  assert.ok(own.length >= 30 && was.length < 30, `${own.length} alarms of 19, ${was.length} before`);
  assert.deepEqual(Object.keys(own[0] ?? {}), ['from', 'to', 'sensor', 'error', 'threshold', 'ratio']);
  for (const { from, to, error, threshold, ratio } of own as unknown as Line[]) {
    assert.equal(Date.parse(to) - Date.parse(from), 4 * 120_000);
    assert.ok(Math.abs(error / threshold - ratio) < 1e-6 && ratio > 1);
  }
  assert.match(stderr, /6,754 rows: \d+ windows with an alarm, by sensor .*19 \d+/);
  const text = linnet('detect', hot, '--model', MODEL).stdout.split('\n');
  assert.match(text[0] ?? '', /^from +to +sensor +error +threshold +ratio$/);
  assert.equal(text.length, alarms.length + 2);
});

test('columns are found by name, and what does not fit the model is refused', () => {
  const turned = changed('turned.csv', ([time = '', ...cells]) => [time, ...cells.toReversed()]);
  const lines = (file: string): string => linnet('detect', file, '--model', MODEL).stdout;
  assert.equal(lines(turned), lines(SERIES));
  const fewer = changed('fewer.csv', (cells) => cells.slice(0, 4));
  const sparse = join(folder, 'sparse.csv');
  writeFileSync(sparse, 'time,1\n2024-01-01T00:00Z,1\n2024-01-01T01:00Z,2\n');
  for (const [args, code, message] of [
    [[fewer, '--model', MODEL], 1, /has no column 19/],
    [[sparse, '--model', MODEL], 1, /a row every 3600000 ms/],
    [[SERIES, '--model', 'none.linnet'], 1, /cannot read none\.linnet/],
    [[SERIES, '--model', fewer], 1, /cannot restore lstm/],
    [[SERIES], 2, /--model/],
  ] as const) {
    const { status, stderr, stdout } = linnet('detect', ...args);
    assert.equal(status, code, stderr);
    assert.match(stderr, message);
    assert.equal(stdout, '');
  }
});
