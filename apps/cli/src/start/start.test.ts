import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { linnet } from '../../../../test/run-linnet.ts';

test('the main job prints the batch, then the stream, and on its last line how many there are', async () => {
  const { code, stdout, stderr } = await linnet(['start']);
  assert.equal(code, 0, stderr);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.at(-1), '25,552 records: 256 anomalies in the batch, 1,062 anomalies in the stream');
  assert.equal(lines.filter((line) => /^ *\d+ +\d+ +\d{4}-\d\d-\d\dT/.test(line)).length, 256);
  assert.equal(lines.filter((line) => line.startsWith('sensor ')).length, 1062);
  assert.ok(lines.findIndex((line) => line.startsWith('sensor ')) > 256);
});

test('it runs from any folder', async () => {
  const { code, stdout } = await linnet(['start'], { cwd: tmpdir() });
  assert.equal(code, 0);
  assert.match(stdout, /\n25,552 records: /);
});
