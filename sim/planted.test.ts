import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-planted-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Seeds that every part runs here, and within which each of its planted bugs must be caught. */
const SEEDS = { engine: 2000, fleet: 1000 };
const LIMIT = { timeout: 300_000 };
const PACKAGES = ['core', 'connectors', 'agent', 'server'];

/** A copy of what is simulated and of the simulator, that a patch can be put on. */
function copyOf(name: string): string {
  const copy = join(folder, name);
  for (const part of [...PACKAGES.map((own) => `packages/${own}`), 'sim']) {
    cpSync(join(root, part), join(copy, part), {
      recursive: true,
      filter: (path) => !/node_modules|dist|kernels.assembly|fixtures|golden|\.test\.ts$/.test(path),
    });
  }
  mkdirSync(join(copy, 'node_modules/@linnet'), { recursive: true });
  for (const own of PACKAGES)
    symlinkSync(join(copy, 'packages', own), join(copy, 'node_modules/@linnet', own));
  return copy;
}

/** Runs the simulator in a copy. */
function simulate(copy: string, ...args: string[]): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--conditions=source', 'sim/main.ts', ...args], { cwd: copy });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    child.on('close', (status) => resolve({ status, output }));
  });
}

const patches = globSync(join(root, 'sim/*/planted/*.patch')).toSorted();
const caught: string[] = [];

// Each run has the time that every test has; all of them together have as much as they need.
describe('the simulator', { concurrency: 2, timeout: 1_800_000 }, () => {
  const clean = copyOf('clean');
  for (const [part, seeds] of Object.entries(SEEDS)) {
    for (const from of [1, 1 + seeds / 2]) {
      test(`${part}: ${seeds / 2} seeds from ${from} on run without a failure`, LIMIT, async () => {
        const range = ['--seeds', String(seeds / 2), '--from', String(from)];
        const { status, output } = await simulate(clean, '--part', part, ...range);
        assert.equal(status, 0, output);
      });
    }
  }
  for (const patch of patches) {
    const part = basename(join(patch, '../..')) as keyof typeof SEEDS;
    const name = basename(patch, '.patch');
    test(`${part}: planted bug: ${name}`, LIMIT, async () => {
      const copy = copyOf(`${part}-${name}`);
      const applied = spawnSync('git', ['apply', patch], { cwd: copy, encoding: 'utf8' });
      assert.equal(applied.status, 0, `the patch does not apply any more: ${applied.stderr}`);
      const { status, output } = await simulate(copy, '--part', part, '--seeds', String(SEEDS[part]));
      assert.equal(status, 1, `not caught in ${SEEDS[part]} seeds: ${output}`);
      assert.match(output, /^seed \d+ failed: (?!an error that is no crash)/, output);
      caught.push(name);
      rmSync(copy, { recursive: true, force: true });
    });
  }
});

test('all planted bugs are caught', () => {
  process.stdout.write(`${caught.length} of ${patches.length} planted bugs caught\n`);
  assert.ok(patches.length >= 12);
  assert.equal(caught.length, patches.length);
});
