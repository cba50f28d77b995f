import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { linnet } from '../../../../test/run-linnet.ts';

const root = mkdtempSync(join(tmpdir(), 'linnet-device-'));
after(() => rmSync(root, { recursive: true, force: true }));
const device = (...args: string[]) => linnet(['device', ...args, '--data', join(root, 'data')]);

test('a device is added, listed, rotated and removed; its secret is on stdout, alone and once', async () => {
  const added = await device('add', 'k-17', '--tenant', 'acme');
  assert.equal(added.code, 0, added.stderr);
  assert.match(added.stdout, /^[\w-]{32}\n$/);
  const list = await device('list', '--output', 'json');
  const [entry] = list.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(entry?.['device'], 'k-17');
  assert.equal(entry?.['tenant'], 'acme');
  assert.ok(!list.stdout.includes(added.stdout.trim()));
  const rotated = await device('rotate', 'k-17', '--output', 'json');
  assert.notEqual((JSON.parse(rotated.stdout) as { secret: string }).secret, added.stdout.trim());
  assert.equal((await device('remove', 'k-17')).code, 0);
  assert.equal((await device('list', '--output', 'json')).stdout, '');
  assert.equal(statSync(join(root, 'data', 'devices.db')).mode & 0o777, 0o600);
});

test('a folder without a list of devices is said, and not made', async () => {
  const nowhere = join(root, 'nowhere');
  for (const args of [['list'], ['rotate', 'k-1'], ['remove', 'k-1']]) {
    const { code, stderr } = await linnet(['device', ...args, '--data', nowhere]);
    assert.equal(code, 1);
    assert.match(stderr, /nowhere holds no list of devices: check --data/);
  }
  assert.ok(!existsSync(nowhere));
});

test('what cannot be is said in one line', async () => {
  await device('add', 'k-1');
  for (const [args, says] of [
    [['add', 'k-1'], /device k-1 exists: rotate it/],
    [['add', 'k/#'], /"k\/#" is no device id/],
    [['add', '+'], /is no device id/],
    [['add', 'k-2', '--tenant', '../x'], /is no tenant/],
    [['rotate', 'k-9'], /there is no device "k-9"/],
    [['remove', 'k-9'], /there is no device "k-9"/],
  ] as const) {
    const { code, stderr, stdout } = await device(...args);
    assert.equal(code, 1);
    assert.match(stderr, says);
    assert.equal(stderr.trim().split('\n').length, 1);
    assert.equal(stdout, '');
  }
  assert.equal((await device('add')).code, 2);
});
