/** A disk that fails below the recovery store: by a library in front of libc, in the real command. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FlowRuns } from './flow-run.ts';
import { compile } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-failing-disk-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const shim = compile('shim', folder, '-shared', '-fPIC');
const runs = new FlowRuns(folder, 30_000);
const { EIO, ENOSPC } = constants.errno;

const fault = (call: string, error: number, first: number, count: number, path: string) => ({
  LD_PRELOAD: shim,
  FAULT_PATH: path,
  FAULT: `${call}:${error}:${first}:${count}`,
});

for (const [name, call, path, first] of [
  ['a sync of the log that fails', 'sync', 'recovery.sqlite-wal', 4],
  ['a write to the log that fails', 'write', 'recovery.sqlite-wal', 40],
  ['the very first sync that fails', 'sync', 'recovery.sqlite', 1],
] as const) {
  test(`${name} ends the run with the file and what to do; the next run goes on and loses nothing`, async () => {
    const directory = join(folder, `${call}-${first}`);
    const run = runs.start(directory, fault(call, EIO, first, 0, path));
    assert.equal(await run.ended, 1);
    assert.match(
      run.stderr,
      /^linnet: \S+recovery\.sqlite could not be (made durable|read or written) .*run again; .*\n$/,
    );
    assert.equal(await runs.start(directory).ended, 0);
    assert.equal(runs.difference(directory), undefined);
  });
}

test('a read that fails at the start is told, and harms nothing', async () => {
  const directory = join(folder, 'read');
  const first = runs.start(directory, fault('sync', EIO, 6, 0, 'recovery.sqlite-wal'));
  assert.equal(await first.ended, 1);
  const run = runs.start(directory, fault('read', EIO, 3, 0, 'recovery.sqlite'));
  assert.equal(await run.ended, 1);
  assert.match(run.stderr, /^linnet: \S+recovery\.sqlite \S.*\n$/);
  assert.equal(await runs.start(directory).ended, 0);
  assert.equal(runs.difference(directory), undefined);
});

test('a disk that is full for some writes is waited for: the run ends by itself and loses nothing', async () => {
  const directory = join(folder, 'full');
  const run = runs.start(directory, fault('write', ENOSPC, 120, 2, 'recovery.sqlite-wal'));
  assert.equal(await run.ended, 0, run.stderr);
  assert.match(run.stderr, /the disk is full; nothing is lost, trying again every second\n/);
  assert.match(run.stderr, /the store can be written to again\n/);
  assert.equal(runs.difference(directory), undefined);
});
