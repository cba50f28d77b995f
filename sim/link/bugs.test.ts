import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { runSeed } from './run-seed.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-link-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SEEDS = 200;
/** A planted bug may make the pair talk for ever; that is no catch. */
const LIMIT_MS = 120_000;

test(`gateway and cloud, ${SEEDS} seeds without a failure`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) assert.equal(runSeed(seed), undefined, `seed ${seed}`);
});

/** A copy of the core and the simulator that a patch can be put on. */
function copyOf(name: string): string {
  const copy = join(folder, name);
  for (const part of ['packages/core/package.json', 'packages/core/src', 'sim']) {
    cpSync(join(root, part), join(copy, part), {
      recursive: true,
      filter: (path) => !/kernels.assembly|golden|fixtures|\.test\.ts$/.test(path),
    });
  }
  mkdirSync(join(copy, 'node_modules/@linnet'), { recursive: true });
  symlinkSync(join(copy, 'packages/core'), join(copy, 'node_modules/@linnet/core'));
  return copy;
}

function simulate(copy: string): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const args = ['--conditions=source', 'sim/link/main.ts', '--seeds', String(SEEDS)];
    const child = spawn(process.execPath, args, { cwd: copy, timeout: LIMIT_MS });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    child.on('close', (status) => resolve({ status, output }));
  });
}

const patches = globSync(join(root, 'sim/link/bugs/*.patch')).toSorted();

for (const patch of patches) {
  const name = basename(patch, '.patch');
  test(`planted bug: ${name}`, async () => {
    const copy = copyOf(name);
    const applied = spawnSync('git', ['apply', patch], { cwd: copy, encoding: 'utf8' });
    assert.equal(applied.status, 0, `the patch does not apply any more: ${applied.stderr}`);
    const { status, output } = await simulate(copy);
    assert.equal(status, 1, `not caught in ${SEEDS} seeds: ${output}`);
    assert.match(output, /^seed \d+ failed: /, output);
    rmSync(copy, { recursive: true });
  });
}

test('there are bugs to catch', () => assert.ok(patches.length >= 12));
