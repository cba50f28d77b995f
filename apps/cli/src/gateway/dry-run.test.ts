import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-dry-run-'));
after(() => rmSync(folder, { recursive: true }));

const NINE = 'examples/gateway/data/nine-motes-2min.csv.gz';

function gateway(file: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const main = join(root, 'apps/cli/src/main.ts');
  return spawnSync(process.execPath, ['--conditions=source', main, 'gateway', '--dry-run', file, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
}

function linesOf(stdout: string): Record<string, number>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>);
}

function tableFile(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

test('nine motes, deadline 4: at most 15, 10.5 and 6 % of the instants, heartbeats counted, about 25 bytes', () => {
  const { stdout, stderr, status } = gateway(
    NINE,
    ...'--epsilon 0.1,0.2,0.5 --deadline 4 --output json'.split(' '),
  );
  assert.equal(status, 0, stderr);
  const lines = linesOf(stdout);
  assert.deepEqual(
    lines.map(({ epsilon }) => epsilon),
    [0.1, 0.2, 0.5],
  );
  lines.forEach((line, i) => {
    assert.deepEqual(Object.keys(line), [
      'epsilon',
      'deadline',
      'readings',
      'instants',
      'messages',
      'bytes',
      'plainBytes',
      'maxError',
    ]);
    const { deadline, readings, instants, messages, bytes, plainBytes, maxError, epsilon } = line as {
      [key: string]: number;
    };
    assert.deepEqual([deadline, readings, instants], [4, 57_368, 6754]);
    assert.ok((messages as number) / 6754 <= ([0.15, 0.105, 0.06][i] as number), `${messages} messages`);
    assert.ok((maxError as number) <= (epsilon as number));
    // 25 bytes of payload and 25 of MQTT's with this topic.
    assert.ok(
      (bytes as number) < (messages as number) * 50 && (bytes as number) * 50 < (plainBytes as number),
    );
  });
});

test('without a deadline, "the last value holds" takes 48.9, 29.6 and 11.8 % of the instants', () => {
  const { stdout } = gateway(NINE, ...'--deadline 0 --predictor hold --output json'.split(' '));
  const parts = linesOf(stdout).map(({ messages, instants }) => (messages as number) / (instants as number));
  [0.489, 0.296, 0.12].forEach((wanted, i) => assert.ok(Math.abs((parts[i] as number) - wanted) < 0.005));
});

test('raw lines, holes between rows, one sensor, a constant and no value at all', () => {
  const raw = gateway(
    'examples/gateway/data/motes-1-4-6.txt.gz',
    ...'--epsilon 0.5 --output json'.split(' '),
  );
  assert.deepEqual(
    linesOf(raw.stdout).map(({ instants, readings }) => [instants, readings]),
    [[6754, 19_188]],
  );
  const time = (minute: number): string => new Date(minute * 60_000).toISOString();
  const constant = tableFile('constant.csv', [
    'time,a',
    ...[0, 1, 2, 3, 90, 91].map((minute) => `${time(minute)},21.5`),
  ]);
  const [line] = linesOf(gateway(constant, '--epsilon', 'temperature=0.5', '--output', 'json').stdout);
  assert.deepEqual(
    [line?.['epsilon'], line?.['instants'], line?.['readings'], line?.['messages'], line?.['maxError']],
    [0.5, 92, 6, 3, 0],
  );
  const nothing = tableFile('nothing.csv', ['time,a,b', `${time(0)},NaN,`, `${time(1)},,nan`]);
  const [empty] = linesOf(gateway(nothing, '--output', 'json', '--epsilon', '1').stdout);
  assert.deepEqual([empty?.['readings'], empty?.['plainBytes'], empty?.['maxError']], [0, 0, 0]);
});

test('--plot draws what is real against what the cloud has, and text names the best predictor', () => {
  const { stdout } = gateway(NINE, ...'--epsilon 0.5 --predictor linear --plot'.split(' '));
  assert.match(stdout, /57,368 readings in 6,754 instants of 9 sensors/);
  assert.match(stdout, /linear \* +3\d\d /);
  assert.match(stdout, /sensor 45: real\n[^]*what the cloud has\n[^]*cloud minus real\n/);
});

test('wrong input is told in a line, with what to do', () => {
  const far = tableFile('far.csv', ['time,a', '2024-01-01,1e30', '2024-01-02,1']);
  const uneven = tableFile('uneven.csv', ['time,a', '2024-01-01,1', '2024-01-02,1', '2024-01-02T05:00Z,1']);
  for (const [status, pattern, file, ...args] of [
    [1, /^linnet: cannot read none\.csv/, 'none.csv'],
    [1, /at 2024-01-01T00:00:00\.000Z: 1e\+30 of a is too large .* raise it/, far],
    [1, /row 2: time does not rise in steps of 18000000 ms; see linnet prepare/, uneven],
    [2, /--epsilon/, NINE, '--epsilon', '0'],
    [2, /--deadline/, NINE, '--deadline', '-1'],
    [2, /neither sensor 1 nor temperature/, NINE, '--epsilon', 'humidity=1'],
    [2, /needs --model/, NINE, '--predictor', 'lstm'],
    [1, /damaged\.linnet: .* train it again/, NINE, '--model', tableFile('damaged.linnet', ['no model'])],
  ] as const) {
    const result = gateway(file, ...args);
    assert.equal(result.status, status, result.stderr);
    assert.match(result.stderr, pattern);
  }
});
