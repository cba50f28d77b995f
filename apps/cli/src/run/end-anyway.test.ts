import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const noPipes = process.platform === 'win32' ? 'no named pipes here' : false;

test('a process that a native call holds ends all the same', { skip: noPipes }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-end-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pipe = join(folder, 'pipe');
  spawnSync('mkfifo', [pipe]);
  const module = join(import.meta.dirname, 'end-anyway.ts');
  // Opening a pipe that nobody writes to never comes back, as a client that does not leave its group.
  const program = `
    import { open } from 'node:fs';
    import { endAnyway } from ${JSON.stringify(module)};
    open(${JSON.stringify(pipe)}, 'r', () => undefined);
    process.exitCode = 1;
    endAnyway(100);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
});

test('a process that nothing holds is not waited for', async () => {
  const module = join(import.meta.dirname, 'end-anyway.ts');
  const program = `import { endAnyway } from ${JSON.stringify(module)}; process.exitCode = 3; endAnyway(60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  assert.deepEqual(await once(child, 'exit'), [3, null]);
});
