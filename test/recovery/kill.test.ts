import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readings } from './readings.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-recovery-'));
const input = join(folder, 'input.jsonl');
const RECORDS = 600_000;
const cli = ['--conditions=source', 'apps/cli/src/main.ts'];
const env = { ...process.env, INPUT: input };

after(() => rmSync(folder, { recursive: true, force: true }));

writeFileSync(
  input,
  readings(RECORDS)
    .map((reading) => `${JSON.stringify(reading)}\n`)
    .join(''),
);

function args(directory: string, ...more: string[]): string[] {
  return [
    ...cli,
    'run',
    'test/recovery/flow.ts',
    '--recovery',
    directory,
    '--commit-interval',
    '20ms',
    ...more,
  ];
}

/** Runs to the end; says what the tables hold. */
function finish(directory: string, ...more: string[]): string {
  const run = spawnSync(process.execPath, args(directory, ...more), {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(run.status, 0, run.stderr);
  const outputs = spawnSync(process.execPath, [...cli, 'outputs', '--recovery', directory], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  assert.equal(outputs.status, 0, outputs.stderr);
  return outputs.stdout;
}

/** Starts a run and kills it after some time. @returns whether it was killed before its end */
function runAndKill(directory: string, afterMs: number, ...more: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args(directory, ...more), { cwd: root, env, stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.on('exit', (_, signal) => {
      clearTimeout(timer);
      resolve(signal === 'SIGKILL');
    });
  });
}

const undisturbed = finish(join(folder, 'undisturbed'));

test('the undisturbed run gives every record that it must', () => {
  const records = undisturbed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id?: number });
  const ids = records.flatMap(({ id }) => (id === undefined ? [] : [id]));
  assert.deepEqual(
    ids,
    Array.from({ length: Math.ceil(RECORDS / 97) }, (_, i) => i * 97),
  );
});

test('killed again and again, with one worker, two and three in turn, the tables come out the same to the byte', async () => {
  const directory = join(folder, 'killed');
  let kills = 0;
  for (let attempt = 0; attempt < 20; attempt++) {
    const workers = String(1 + (attempt % 3));
    if (!(await runAndKill(directory, 300 + ((attempt * 137) % 400), '--workers', workers))) break;
    kills++;
  }
  assert.ok(kills >= 3, `only ${kills} kills hit a running flow`);
  assert.equal(finish(directory, '--workers', '2'), undisturbed);
});
