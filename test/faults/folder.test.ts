/** Recovery folders that cannot be used: in use by another process, or not to be written to. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { linnet, root } from '../run-linnet.ts';
import { FlowRuns, StartedRun } from './flow-run.ts';
import { needsRoot, sh, smallDisk } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-folder-'));
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true, force: true }));
const runs = new FlowRuns(folder, 3000);
const flow = 'test/recovery/flow.ts';

/** A run that reads standard input, and so goes on until it is killed. */
async function holder(directory: string): Promise<StartedRun> {
  const args = ['--conditions=source', 'apps/cli/src/main.ts', 'run', flow, '--recovery', directory];
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, INPUT: '-' } });
  child.stdout?.resume();
  while (!existsSync(join(directory, 'lock.pid')) && child.exitCode === null)
    await new Promise((resolve) => setImmediate(resolve));
  return new StartedRun(child);
}

test('a folder in use names the process that uses it; the lock of a killed one is taken over', async () => {
  const directory = join(folder, 'shared');
  const first = await holder(directory);
  const second = runs.start(directory);
  assert.equal(await second.ended, 1);
  assert.equal(
    second.stderr,
    `linnet: ${directory} is in use by process ${first.child.pid}; stop that one or give another folder\n`,
  );
  first.child.kill('SIGKILL');
  await first.ended;
  assert.equal(await runs.start(directory).ended, 0);
  assert.equal(runs.difference(directory), undefined);
  assert.ok(!existsSync(join(directory, 'lock.pid')));
});

test('a read-only folder is told before anything runs; what is in it can be read', needsRoot, async () => {
  const disk = smallDisk('tmpfs', join(folder, 'read-only'), 16);
  const directory = join(disk.path, 'state');
  try {
    cpSync(join(folder, 'undisturbed'), directory, { recursive: true });
    mkdirSync(join(disk.path, 'empty'));
    sh(`mount -o remount,ro '${disk.path}'`);
    for (const name of ['state', 'empty', 'new']) {
      const run = runs.start(join(disk.path, name));
      assert.equal(await run.ended, 1);
      assert.match(
        run.stderr,
        /^linnet: \S+(state|empty|new)\S* cannot be (written to|opened for writing) \(.*\): .*\n$/,
      );
    }
    const env = { INPUT: runs.input };
    const state = await linnet(['state', flow, '--recovery', directory], { env });
    assert.equal(state.code, 0, state.stderr);
    assert.match(state.stdout, /step detect \(model\): 211 keys/);
    const outputs = await linnet(['outputs', '--recovery', directory]);
    assert.deepEqual(outputs.stdout.trimEnd().split('\n'), runs.expected);
    const list = await linnet(['query', '--recovery', directory, '--list']);
    assert.match(list.stdout, /^metrics: value, id, score, anomaly\n/);
  } finally {
    disk.unmount();
  }
});
