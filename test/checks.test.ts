/** The checks of the source report what they are there for: every planted breach, and nothing in the tree as it is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { copyWorkspace } from './workspace-copy.ts';

interface Copy {
  readonly root: string;
  plant(file: string, text: string): void;
  check(...names: string[]): { status: number | null; text: string };
}

function copyOf(root: string): Copy {
  return {
    root,
    plant(file, text) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    },
    check(...names) {
      const args = ['scripts/check.ts', ...names];
      const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
      return { status, text: stdout };
    },
  };
}

/** File, its text, and what dependency-cruiser must say of it. */
const DIRECTIONS: readonly (readonly [string, string, RegExp])[] = [
  [
    'packages/core/src/base/planted.ts',
    "export * from '../engine/graph.ts';",
    /not-in-allowed.*base\/planted/,
  ],
  ['packages/core/src/math/planted.ts', "export * from '../flow/print.ts';", /not-in-allowed.*math\/planted/],
  [
    'packages/core/src/drift/planted.ts',
    "export * from '../impute/stat-imputer.ts';",
    /not-in-allowed.*drift\/planted/,
  ],
  [
    'packages/core/src/flow/planted.ts',
    "export * from '../impute/stat-imputer.ts';",
    /not-in-allowed.*flow\/planted/,
  ],
  [
    'packages/core/src/engine/planted.ts',
    "export * from '@linnet/connectors/file';",
    /not-in-allowed.*engine\/planted/,
  ],
  [
    'packages/core/src/window/planted.ts',
    "export { readFileSync } from 'node:fs';",
    /not-in-allowed.*window\/planted/,
  ],
  [
    'packages/connectors/src/http/planted.ts',
    "export * from '../file/lines.ts';",
    /not-in-allowed.*http\/planted/,
  ],
  [
    'packages/connectors/src/file/planted.ts',
    "export * from '../../../core/src/base/crc32.ts';",
    /not-in-allowed.*file\/planted/,
  ],
  [
    'apps/planted/src/planted.ts',
    "export * from '../../cli/src/report.ts';",
    /not-in-allowed.*apps\/planted/,
  ],
  [
    'packages/core/src/engine/planted-a.ts',
    "export { b } from './planted-b.ts'; export const a = 1;",
    /no-cycle.*planted-/,
  ],
  [
    'packages/core/src/engine/planted-b.ts',
    "export { a } from './planted-a.ts'; export const b = 1;",
    /no-cycle.*planted-/,
  ],
  ['packages/core/src/engine/planted-dead.ts', 'export const dead = 1;', /no-dead-file.*planted-dead/],
  ['packages/connectors/src/file/planted.test.ts', 'export const x = 1;', /^/],
  [
    'packages/connectors/src/file/planted-uses-test.ts',
    "export * from './planted.test.ts';",
    /no-test-in-product.*planted-uses-test/,
  ],
  [
    'packages/connectors/src/file/planted-dev.ts',
    "export * from 'fast-check';",
    /declare-what-you-import.*planted-dev/,
  ],
  [
    'packages/connectors/src/file/planted-undeclared.ts',
    "export * from 'commander';",
    /declare-what-you-import.*planted-undeclared/,
  ],
  [
    'packages/connectors/src/file/planted-gone.ts',
    "export * from 'not-there';",
    /declare-what.*planted-gone/,
  ],
  ['apps/dashboard/src/far.ts', "export { readFileSync } from 'node:fs';", /^/],
  ['apps/dashboard/src/near.ts', "export * from './far.ts';", /browser-reaches-no-node.*near/],
];

test('the tree itself passes, and every planted dependency is reported', (t) => {
  const copy = copyOf(copyWorkspace(t));
  const clean = copy.check('dependencies');
  assert.equal(clean.status, 0, clean.text);
  for (const [file, text] of DIRECTIONS) copy.plant(file, text);
  copy.plant('apps/planted/package.json', '{ "name": "planted" }');
  copy.plant('apps/dashboard/package.json', '{ "name": "dashboard" }');
  const { status, text } = copy.check('dependencies');
  assert.equal(status, 1);
  for (const [file, , expected] of DIRECTIONS) {
    assert.ok(
      text.split('\n').some((line) => expected.test(line)),
      `${file}: ${expected}\n${text}`,
    );
  }
});

test('tidiness: long files, long functions, and clock, chance and timers in core are reported', (t) => {
  const copy = copyOf(copyWorkspace(t));
  assert.equal(copy.check('tidy').status, 0);
  const body = '  work();\n'.repeat(70);
  copy.plant('packages/core/src/base/long.ts', '//\n'.repeat(500));
  copy.plant('apps/cli/src/declared.ts', `export function declared(): void {\n${body}}\n`);
  copy.plant('apps/cli/src/wrapped.ts', `function wrapped(\n  a: number,\n): void {\n${body}}\n`);
  copy.plant('apps/cli/src/arrow.ts', `export const arrow = (): void => {\n${body}};\n`);
  copy.plant(
    'apps/cli/src/method.ts',
    `export class A {\n  private async b(): Promise<void> {\n${body}  }\n}\n`,
  );
  const impure = ['Date.now()', 'new Date()', 'Math.random()', 'setTimeout(f, 1)', 'performance.now()'];
  impure.forEach((text, index) => copy.plant(`packages/core/src/base/impure${index}.ts`, `f(${text});\n`));
  copy.plant('packages/core/src/base/node.ts', "import 'node:fs';\n");
  // Allowed: 70 lines, words in a comment, a test's own clock, and the same outside of core.
  copy.plant('apps/cli/src/fits.ts', `export function fits(): void {\n${'  work();\n'.repeat(68)}}\n`);
  copy.plant('packages/core/src/base/comment.ts', '/**\n * Date.now is not used.\n */\n');
  copy.plant('packages/core/src/base/own.test.ts', 'Date.now();\n');
  copy.plant('packages/connectors/src/file/clock.ts', 'Date.now();\n');
  const { status, text } = copy.check('tidy');
  assert.equal(status, 1);
  const breaches = text.split('\n').filter((line) => /^(?:apps|packages)\//.test(line));
  const planted = ['arrow', 'declared', 'long', 'method', 'node', 'wrapped'];
  assert.deepEqual(
    breaches.map((line) => line.split(':')[0]?.split('/').at(-1)).toSorted(),
    [...planted, ...impure.map((_, index) => `impure${index}`)].map((name) => `${name}.ts`).toSorted(),
  );
});

test('lint, types, format and generated files: each reports its planted breach', (t) => {
  const copy = copyOf(copyWorkspace(t));
  copy.plant('apps/cli/src/any.ts', 'export const x: any = 1;\n');
  copy.plant('packages/core/src/base/node.ts', 'export const x = Buffer.alloc(1);\n');
  copy.plant('apps/cli/src/wrong.ts', 'export const x: number = "1";\n');
  copy.plant('apps/cli/src/enum.ts', 'export enum E { a }\n');
  appendFileSync(join(copy.root, 'packages/core/src/catalog.gen.ts'), '// by hand\n');
  const { status, text } = copy.check('lint', 'types', 'format', 'generated');
  assert.equal(status, 1);
  assert.match(text, /Unexpected `any`/);
  assert.match(text, /base\/node\.ts.*Cannot find name 'Buffer'/);
  assert.match(text, /wrong\.ts.*Type 'string' is not assignable to type 'number'/);
  assert.match(text, /enum\.ts.*erasableSyntaxOnly/);
  assert.match(text, /\[warn\] apps\/cli\/src\/wrong\.ts/);
  assert.match(text, /catalog\.gen\.ts is out of date/);
  assert.match(text, /^0 passed, 4 failed$/m);
  assert.ok(
    readFileSync(join(copy.root, 'packages/core/src/catalog.gen.ts'), 'utf8').endsWith('// by hand\n'),
  );
});
