import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-train-'));
after(() => rmSync(folder, { recursive: true }));

const SERIES = 'examples/gateway/data/nine-motes-2min.csv.gz';

interface Result {
  readonly parameters: number;
  readonly sha256: string;
  readonly rows: unknown;
  readonly windows: unknown;
  readonly epochs: readonly { loss: number; validationLoss: number }[];
  readonly testLoss: number;
}

function train(name: string, ...args: string[]): { status: number | null; stderr: string; result: Result } {
  const main = join(root, 'apps/cli/src/main.ts');
  const all = [
    '--conditions=source',
    main,
    'train',
    'lstm',
    SERIES,
    '--out',
    join(folder, name),
    '--output',
    'json',
  ];
  const { status, stderr, stdout } = spawnSync(process.execPath, [...all, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stderr, result: (status === 0 ? JSON.parse(stdout) : {}) as Result };
}

test('the source’s model: its size, its windows, a loss that falls, the same bits on one thread and on two', () => {
  const [one, two] = ['1', '2'].map((threads) =>
    train(`${threads}.linnet`, '--epochs', '2', '--threads', threads),
  );
  assert.equal(one?.status, 0, one?.stderr);
  assert.equal(one?.result.parameters, 203_401);
  assert.deepEqual(one?.result.rows, { train: 6078, test: 676 });
  assert.deepEqual(one?.result.windows, { train: 6073, learned: 5465, validated: 608, test: 671 });
  assert.ok((one?.result.testLoss ?? 1) < 0.05);
  assert.match(one?.stderr ?? '', /203,401 parameters; train \(6,073, 5, 9\).*test \(671, 5, 9\)/);
  assert.equal(one?.result.sha256, two?.result.sha256);
});

test('--resume goes on to the bits of a training that never stopped', () => {
  const small = ['--units', '16', '--activation', 'tanh', '--seed', '7'];
  const straight = train('straight', ...small, '--epochs', '3');
  train('resumed', ...small, '--epochs', '1');
  const resumed = train('resumed', ...small, '--epochs', '3', '--resume');
  assert.equal(resumed.result.sha256, straight.result.sha256);
  assert.deepEqual(resumed.result.epochs, straight.result.epochs);
  const other = train('resumed', ...small, '--epochs', '4', '--resume', '--batch', '16');
  assert.equal(other.status, 1);
  assert.match(other.stderr, /it was made with settings/);
});

test('--split-shuffled has the source’s shapes and says that it leaks', () => {
  const { stderr, result } = train('shuffled', '--split-shuffled', '--epochs', '1', '--units', '8');
  assert.deepEqual(result.windows, { train: 6073, learned: 5465, validated: 608, test: 671 });
  assert.match(stderr, /warning: --split-shuffled .* losses mislead/);
});

test('training stops early and keeps the best epoch', () => {
  const { stderr, result } = train(
    'early',
    '--epochs',
    '40',
    '--patience',
    '1',
    '--units',
    '8',
    '--rate',
    '0.03',
  );
  assert.ok(result.epochs.length < 40);
  assert.match(stderr, /stopped early: no better validation loss since epoch \d+/);
});

test('a forecaster is trained on what comes next, and both draw', () => {
  const { stderr, status } = train('next', '--forecast', '2', '--epochs', '1', '--units', '8', '--plot');
  assert.equal(status, 0, stderr);
  assert.match(stderr, /sensor 45: from the model\n {4}\d/);
});

test('wrong values, a table that is none and too few rows are refused', () => {
  assert.equal(train('x', '--split', '1.5').status, 2);
  assert.equal(train('x', '--rate', '0').status, 2);
  assert.match(train('x', '--look-back', '9000').stderr, /too few for windows of 9000 rows/);
  assert.match(train('x', '--no-standardise', '--rate', '1e6', '--epochs', '9').stderr, /the loss is|loss/);
  const uneven = join(folder, 'uneven.csv');
  writeFileSync(uneven, 'time,a\n2004-03-01T00:00Z,1\n2004-03-01T00:02Z,2\n2004-03-01T00:03Z,2\n');
  const main = join(root, 'apps/cli/src/main.ts');
  const run = spawnSync(
    process.execPath,
    ['--conditions=source', main, 'train', 'lstm', uneven, '--out', 'x'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  assert.match(run.stderr, /uneven\.csv, row 3: time does not rise evenly/);
  assert.equal(run.status, 1);
  assert.ok(!existsSync(join(folder, 'x')));
});

test('--onnx writes a model beside ours', () => {
  const onnx = join(folder, 'model.onnx');
  train('with-onnx', '--epochs', '1', '--units', '8', '--onnx', onnx);
  assert.ok(readFileSync(onnx).includes('encoder.W'));
});
