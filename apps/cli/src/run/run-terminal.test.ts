/** What `linnet run` shows on a terminal, and what it does when it is told to stop. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { linnet } from '../../../../test/run-linnet.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-terminal-'));
after(() => rmSync(folder, { recursive: true }));
const flowFile = join(folder, 'flow.ts');
writeFileSync(
  flowFile,
  `import { flow, jsonLines, print } from 'linnet';
export default flow('waiting').source('in', jsonLines('-')).sink('out', print());`,
);
/** How the bar takes its line away. */
const CLEARED = '\r\u001B[2K';
/** Standard error is taken for a terminal. */
const TERMINAL = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent("Object.defineProperty(process.stderr,'isTTY',{value:true})")}`,
};

/** Resolves when the process has written the text. */
function shows(child: ChildProcess, wanted: string): Promise<void> {
  let text = '';
  return new Promise((resolve) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(wanted)) resolve();
    });
  });
}

for (const workers of ['1', '2']) {
  test(`a run that takes longer than a second shows a bar, gone at the end (${workers} workers)`, async () => {
    const { code, stdout, stderr } = await linnet(['run', flowFile, '--workers', workers], {
      env: TERMINAL,
      during: async (child) => {
        await shows(child, `${CLEARED}waiting 0 entries`);
        child.stdin?.end('{"a":1}\n');
      },
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'a=1\n');
    assert.ok(stderr.includes(`${CLEARED}linnet: 1 records, 1 to "out"`), stderr);
  });

  test(`Ctrl-C ends a run that waits for its input, with what was complete (${workers} workers)`, async () => {
    const { code, stdout, stderr } = await linnet(['run', flowFile, '--workers', workers], {
      env: TERMINAL,
      during: async (child) => {
        await shows(child, `${CLEARED}waiting 0 entries`);
        child.kill('SIGINT');
      },
    });
    assert.equal(code, 130, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /linnet: 0 records/);
  });
}

test('what is no terminal gets no bar', async () => {
  const { stderr } = await linnet(['run', flowFile], { input: '{"a":1}\n' });
  assert.match(stderr, /^linnet: 1 records, 1 to "out" in [\d.]+ s\n$/);
});

test('more workers than a machine can hold, and a file that is no flow', async () => {
  const many = await linnet(['run', flowFile, '--workers', '999']);
  assert.equal(many.code, 2);
  assert.match(many.stderr, /'--workers <n>' argument '999' is invalid\. It must be at most 64/);
  const table = join(folder, 'table.csv');
  writeFileSync(table, 'a,b\n1,2\n');
  const wrong = await linnet(['run', table]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /table\.csv is no flow file: a flow is the default export of a \.ts/);
});
