/** A disk that fills up in the middle of a run, on real file systems of a few megabytes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FlowRuns } from './flow-run.ts';
import { needsRoot, sh, smallDisk } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-full-disk-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const runs = new FlowRuns(folder, 60_000);

for (const kind of ['tmpfs', 'ext4'] as const) {
  test(
    `${kind} that is full in the middle of a commit: the run waits, and goes on by itself when there is room`,
    needsRoot,
    async () => {
      const disk = smallDisk(kind, join(folder, kind), 48);
      const filler = join(disk.path, 'filler');
      const directory = join(disk.path, 'state');
      try {
        // What is left holds the empty store, not the readings.
        sh(
          `dd if=/dev/zero of='${filler}' bs=64k count=2000 2>/dev/null || true; truncate -s -1M '${filler}'`,
        );
        const run = runs.start(directory);
        await run.said('the disk is full; nothing is lost, trying again every second');
        assert.equal(run.child.exitCode, null);
        rmSync(filler);
        assert.equal(await run.ended, 0, run.stderr);
        assert.match(run.stderr, /the store can be written to again/);
        assert.equal(runs.difference(directory), undefined);
      } finally {
        disk.unmount();
      }
    },
  );
}

test(
  'killed while the disk is full, it goes on from the last commit when there is room',
  needsRoot,
  async () => {
    const disk = smallDisk('tmpfs', join(folder, 'killed'), 48);
    const filler = join(disk.path, 'filler');
    const directory = join(disk.path, 'state');
    try {
      sh(`dd if=/dev/zero of='${filler}' bs=64k count=2000 2>/dev/null || true; truncate -s -1M '${filler}'`);
      const run = runs.start(directory);
      await run.said('the disk is full');
      run.child.kill('SIGKILL');
      await run.ended;
      const still = runs.start(directory);
      await still.said('the disk is full');
      still.child.kill('SIGKILL');
      await still.ended;
      rmSync(filler);
      assert.equal(await runs.start(directory).ended, 0);
      assert.equal(runs.difference(directory), undefined);
    } finally {
      disk.unmount();
    }
  },
);

test(
  'a disk without room for the store at all is told at the start, and leaves nothing half made',
  needsRoot,
  async () => {
    const disk = smallDisk('tmpfs', join(folder, 'none'), 48);
    const filler = join(disk.path, 'filler');
    const directory = join(disk.path, 'state');
    try {
      sh(`dd if=/dev/zero of='${filler}' bs=4k count=20000 2>/dev/null || true`);
      const run = runs.start(directory);
      assert.equal(await run.ended, 1);
      assert.match(run.stderr, /^linnet: .*state.* (the disk is full|ENOSPC|no space).*\n$/);
      rmSync(filler);
      assert.equal(await runs.start(directory).ended, 0);
      assert.equal(runs.difference(directory), undefined);
    } finally {
      disk.unmount();
    }
  },
);
