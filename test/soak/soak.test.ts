import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

test('the soak in its short form keeps its memory and prints it at start and end', () => {
  const file = join(import.meta.dirname, 'soak.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', file, '--short'], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.match(stdout, /RSS at start \d+ MB, at end \d+ MB: flat\n$/, stderr);
  assert.equal(status, 0, stderr);
});
