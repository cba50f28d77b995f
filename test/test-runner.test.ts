/** scripts/reporter.ts and .ci/run, on test files made for the purpose. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

const root = dirname(import.meta.dirname);
const HEAD = "import { test, describe, before } from 'node:test';\n";
const GOOD = `${HEAD}test('is good', () => {});`;

/** Runs the given test files in a tiny checkout, by .ci/run or by the test runner alone. */
function run(
  t: TestContext,
  files: Record<string, string>,
  { command = ['scripts/test.ts'], ci = false }: { command?: string[]; ci?: boolean } = {},
): { status: number | null; lines: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-runner-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['scripts/test.ts', 'scripts/reporter.ts', '.ci/run'])
    cpSync(join(root, name), join(folder, name));
  const scripts = { test: 'node scripts/test.ts', check: 'node check.mjs' };
  const all = {
    'package.json': JSON.stringify({ type: 'module', scripts }),
    'check.mjs': "console.log('6 passed, 0 failed');",
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { CI: _ci, NODE_TEST_CONTEXT: _context, ...env } = process.env;
  env['PATH'] = `${dirname(process.execPath)}${delimiter}${env['PATH']}`;
  const [program, ...args] = ci ? ['bash', '.ci/run'] : [process.execPath, ...command];
  const { status, stdout } = spawnSync(program as string, args, { cwd: folder, env, encoding: 'utf8' });
  return { status, lines: stdout.trimEnd().split('\n') };
}

const FAILURES: Readonly<Record<string, string>> = {
  'a failing test': `${HEAD}test('x', () => { throw new Error('no'); });`,
  'a failing subtest': `${HEAD}test('x', async (t) => { await t.test('y', () => { throw new Error('no'); }); });`,
  'a file that imports what is not there': "import './nothing.ts';",
  'a file that cannot be parsed': 'const enum X { a }',
  'a file without a test': 'export {};',
  'a file that leaves before its tests are told': `${GOOD} process.exit(0);`,
  'a suite that throws while it is built': `${HEAD}describe('s', () => { throw new Error('no'); });`,
  'a file that is killed': `${HEAD}test('x', () => process.kill(process.pid, 'SIGKILL'));`,
};

test('each way in which a file can fail counts as one failure', (t) => {
  const names = Object.keys(FAILURES).map((what) => `test/${what.replaceAll(' ', '-')}.test.ts`);
  const bad = Object.values(FAILURES).map((text, index) => [names[index], text]);
  const { status, lines } = run(t, { ...Object.fromEntries(bad), 'test/good.test.ts': GOOD });
  for (const name of names) {
    assert.equal(lines.filter((line) => line.startsWith(`FAILED ${name} (0 tests, `)).length, 1, name);
  }
  assert.equal(lines.at(-1), `1 passed, ${names.length} failed`);
  assert.equal(status, 1);
});

test('an error after the last test is a failure of the file', (t) => {
  const text = `${GOOD} setTimeout(() => { throw new Error('late'); }, 1);`;
  const { status, lines } = run(t, { 'test/bad.test.ts': text });
  assert.equal(lines.at(-1), '1 passed, 1 failed');
  assert.equal(status, 1);
});

test('tests of a suite that another file holds count for the file that was run', (t) => {
  const { lines } = run(t, {
    'test/suite.ts': `${HEAD}export const suite = () => test('shared', () => {});`,
    'test/a.test.ts': "import { suite } from './suite.ts'; suite();",
  });
  assert.match(lines.at(-2) ?? '', /^ok {5}test\/a\.test\.ts \(1 tests, \d+ ms\)$/);
});

test('patterns choose files, and one that matches none is an error', (t) => {
  const files = { 'test/a.test.ts': GOOD, 'test/distance.test.ts': GOOD };
  assert.equal(
    run(t, files, { command: ['scripts/test.ts', 'distance'] }).lines.at(-1),
    '1 passed, 0 failed',
  );
  assert.equal(run(t, files, { command: ['scripts/test.ts', 'nothing'] }).status, 1);
});

test('.ci/run adds up tests and checks', (t) => {
  const { status, lines } = run(t, { 'test/a.test.ts': GOOD }, { ci: true });
  assert.equal(lines.at(-1), '7 passed, 0 failed');
  assert.equal(status, 0);
});

test('.ci/run fails with a failing test, a failing check, a check that dies and a skipped test', (t) => {
  const skipped = `${GOOD} test.skip('left out', () => {});`;
  const cases: [Record<string, string>, string][] = [
    [{ 'test/a.test.ts': FAILURES['a failing test'] as string }, '6 passed, 1 failed'],
    [
      { 'test/a.test.ts': GOOD, 'check.mjs': "console.log('5 passed, 1 failed'); process.exit(1);" },
      '6 passed, 1 failed',
    ],
    [{ 'test/a.test.ts': GOOD, 'check.mjs': 'process.exit(3);' }, '1 passed, 1 failed'],
    [{ 'test/a.test.ts': skipped }, '7 passed, 1 failed'],
  ];
  for (const [files, last] of cases) {
    const { status, lines } = run(t, files, { ci: true });
    assert.equal(lines.at(-1), last);
    assert.equal(status, 1);
  }
});
