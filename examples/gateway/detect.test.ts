import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const folder = import.meta.dirname;

test('what is found of faults and attacks, and when two motes end, is what the README says', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', join(folder, 'detect.ts')], {
    encoding: 'utf8',
  });
  assert.equal(stdout, readFileSync(join(folder, 'expected.txt'), 'utf8'), stderr);
});
