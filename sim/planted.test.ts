import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-planted-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the core and the simulator that a patch can be put on. */
function copyOf(name: string): string {
  const copy = join(folder, name);
  cpSync(join(root, 'packages/core'), join(copy, 'packages/core'), {
    recursive: true,
    filter: (path) => !/node_modules|dist|kernels.assembly|\.test\.ts$/.test(path),
  });
  cpSync(join(root, 'sim'), join(copy, 'sim'), { recursive: true });
  mkdirSync(join(copy, 'node_modules/@linnet'), { recursive: true });
  symlinkSync(join(copy, 'packages/core'), join(copy, 'node_modules/@linnet/core'));
  return copy;
}

/** Runs the simulator in a copy. */
function simulate(copy: string, seeds: number): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--conditions=source', 'sim/main.ts', '--seeds', String(seeds)], {
      cwd: copy,
    });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    child.on('exit', (status) => resolve({ status, output }));
  });
}

const patches = globSync(join(root, 'sim/engine/planted/*.patch')).toSorted();
const caught: string[] = [];

test('2,000 seeds run without a failure', async () => {
  const { status, output } = await simulate(copyOf('clean'), 2000);
  assert.equal(status, 0, output);
});

for (const patch of patches) {
  const name = basename(patch, '.patch');
  test(`planted bug: ${name}`, async () => {
    const copy = copyOf(name);
    const applied = spawnSync('git', ['apply', patch], { cwd: copy, encoding: 'utf8' });
    assert.equal(applied.status, 0, `the patch does not apply any more: ${applied.stderr}`);
    const { status, output } = await simulate(copy, 1000);
    assert.equal(status, 1, `not caught in 1,000 seeds: ${output}`);
    assert.match(output, /^seed \d+ failed: (?!an error that is no crash)/, output);
    caught.push(name);
  });
}

test('all planted bugs are caught', () => {
  process.stdout.write(`${caught.length} of ${patches.length} planted bugs caught\n`);
  assert.ok(patches.length >= 12);
  assert.equal(caught.length, patches.length);
});
