import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { readings } from './readings.ts';

/** The command; it says itself what it found. `npm run kill-proof` does more kills over more records. */
function killProof(...args: string[]) {
  const file = join(import.meta.dirname, 'kill-proof.ts');
  return spawnSync(process.execPath, ['--conditions=source', file, ...args], {
    encoding: 'utf8',
    timeout: 240_000,
  });
}

test('killed at random moments, with another number of workers each time, no record is lost and none is there twice', () => {
  const records = 60_000;
  const { status, stdout, stderr } = killProof(
    '--flow',
    'windows',
    '--kills',
    '12',
    '--records',
    String(records),
    '--workers',
    'changing',
    '--seed',
    '7',
  );
  assert.equal(stderr, '');
  const expected = /^kills 12, records 60000, outputs expected (\d+), missing 0, duplicated 0\n/.exec(stdout);
  assert.ok(expected, stdout);
  // The table of single records alone has every 97th; windows come on top.
  assert.ok(Number(expected[1]) > readings(records).filter(({ id }) => id % 97 === 0).length);
  assert.match(stdout, /identical to the byte; history expected 60000, missing 0, duplicated 0/);
  assert.equal(status, 0);
});

test('the smoke example too comes to the same verdicts', () => {
  const { status, stdout, stderr } = killProof(
    '--flow',
    'smoke',
    '--kills',
    '4',
    '--records',
    '150000',
    '--workers',
    '2',
  );
  assert.equal(stderr, '');
  const found = /^kills 4, records (\d+), outputs expected (\d+), missing 0, duplicated 0\n/.exec(stdout);
  assert.ok(Number(found?.[1]) > 150_000 && Number(found?.[2]) > 10, stdout);
  assert.equal(status, 0);
});

test('kill-proof takes no option that it does not know', () => {
  for (const args of [
    ['--kill', '3'],
    ['--workers', 'seven'],
    ['--records', 'many'],
  ]) {
    const { status, stderr } = killProof(...args);
    assert.equal(status, 2);
    assert.match(stderr, /^kill-proof: /);
  }
});
