/** The flows in docs/ print what stands below them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-docs-'));
/** A flow, and below it what it prints. */
const EXAMPLE =
  /```ts\n((?:(?!```)[\s\S])*?export default (?:(?!```)[\s\S])*?)```\n\n```text\n([\s\S]*?)```/g;

after(() => rmSync(folder, { recursive: true, force: true }));

let examples = 0;
for (const page of globSync('docs/*.md', { cwd: root }).toSorted()) {
  for (const [, code, expected] of readFileSync(join(root, page), 'utf8').matchAll(EXAMPLE)) {
    const number = ++examples;
    test(`example ${number}, in ${page}, prints what it says`, () => {
      const file = join(folder, `example-${number}.ts`);
      writeFileSync(file, code as string);
      const run = spawnSync(
        process.execPath,
        ['--conditions=source', 'apps/cli/src/main.ts', 'run', file, '--workers', '2'],
        { cwd: root, encoding: 'utf8', timeout: 60_000 },
      );
      assert.equal(run.status, 0, run.stderr);
      assert.equal(run.stdout, expected);
    });
  }
}

test('there are examples', () => assert.ok(examples >= 1));
