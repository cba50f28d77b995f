/** Stores of every layout that was ever released are taken over: fixtures are added by `make.ts`, never changed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inputLines } from './input.ts';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-formats-'));
const input = join(folder, 'input.jsonl');
const flow = join(import.meta.dirname, 'flow.ts');

after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(input, inputLines());

const fixtures = readdirSync(import.meta.dirname).filter((name) => name.startsWith('layout-'));

test('there is a fixture', () => assert.ok(fixtures.length >= 1));

for (const name of fixtures) {
  for (const more of [[], ['--workers', '2'], ['--hot-keys', '2']]) {
    test(`a store of ${name} is taken over and goes on as it did ${more.join(' ')}`, () => {
      const fixture = join(import.meta.dirname, name);
      const copy = join(folder, `${name}${more.join('')}`);
      cpSync(join(fixture, 'store'), copy, { recursive: true });
      const rest = linnet('run', flow, '--recovery', copy, '--output', 'json', ...more);
      // Sinks take turns by epoch, and when an epoch ends depends on the clock.
      assert.deepEqual(sorted(rest), sorted(readFileSync(join(fixture, 'rest.txt'), 'utf8')));
      assert.equal(linnet('outputs', '--recovery', copy), readFileSync(join(fixture, 'outputs.txt'), 'utf8'));
    });
  }
}

function sorted(text: string): string[] {
  return text.trimEnd().split('\n').toSorted();
}

function linnet(...args: string[]): string {
  const options = {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, INPUT: input },
  } as const;
  const all = ['--conditions=source', 'apps/cli/src/main.ts', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, options);
  assert.equal(status, 0, stderr);
  return stdout;
}
