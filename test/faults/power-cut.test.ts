/** A power cut below the recovery store: an ext4 of its own that stops at once and forgets what was not synced. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readState, recoveryPath } from '@linnet/connectors/recovery';
import { FlowRuns } from './flow-run.ts';
import { compile, needsRoot, sh, smallDisk } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-power-cut-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const runs = new FlowRuns(folder, 60_000);

const epochOf = (directory: string) => readState(directory).checkpoint?.epoch ?? 0;

test(
  'after power cuts every epoch that was committed is there, and in the end nothing is lost or doubled',
  needsRoot,
  async () => {
    const cut = compile('power-cut', folder);
    const disk = smallDisk('ext4', join(folder, 'disk'), 64);
    const directory = join(disk.path, 'state');
    try {
      for (let round = 1; round <= 3; round++) {
        const run = runs.start(directory);
        const wanted = round * 2;
        while (run.child.exitCode === null && !reached(directory, wanted)) await sleep(2);
        assert.equal(run.child.exitCode, null, run.stderr);
        const committed = epochOf(directory);
        sh(`'${cut}' '${disk.path}'`);
        run.child.kill('SIGKILL');
        await run.ended;
        disk.remount();
        assert.ok(epochOf(directory) >= committed, `${epochOf(directory)} of ${committed} epochs are there`);
      }
      const last = runs.start(directory);
      assert.equal(await last.ended, 0, last.stderr);
      assert.equal(runs.difference(directory), undefined);
    } finally {
      disk.unmount();
    }
  },
);

function reached(directory: string, epoch: number): boolean {
  if (statSync(recoveryPath(directory), { throwIfNoEntry: false }) === undefined) return false;
  try {
    return epochOf(directory) >= epoch;
  } catch {
    // The store is being made.
    return false;
  }
}
