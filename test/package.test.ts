/** The published packages: compiled, packed, installed into an empty folder, and used from there. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

const root = dirname(import.meta.dirname);
const folder = mkdtempSync(join(tmpdir(), 'linnet-package-'));
const user = join(folder, 'user');
const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...inherited } = process.env;
const env = { ...inherited, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}` };
after(() => rmSync(folder, { recursive: true, force: true }));

before(() => {
  // In a copy, so that no `dist` appears in the checkout that runs the tests.
  const copy = join(folder, 'checkout');
  mkdirSync(copy);
  for (const name of ['packages', 'apps', 'scripts', 'package.json', 'tsconfig.base.json']) {
    const filter = (path: string) => !/[/\\](?:node_modules|dist)$/.test(path);
    cpSync(join(root, name), join(copy, name), { recursive: true, filter });
  }
  linkModules(copy);
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: copy });
  const folders = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(copy, kind)).map((name) => `./${kind}/${name}`),
  );
  mkdirSync(user);
  npm(copy, 'pack', ...folders, '--pack-destination', user);
  writeFileSync(join(user, 'package.json'), '{ "private": true, "type": "module" }');
  npm(
    user,
    'install',
    ...readdirSync(user)
      .filter((name) => name.endsWith('.tgz'))
      .map((name) => `./${name}`),
  );
});

/** The installed packages by link, but the workspace's own, which are those of the copy. */
function linkModules(copy: string): void {
  const from = join(root, 'node_modules');
  const to = join(copy, 'node_modules');
  mkdirSync(join(to, '@linnet'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== '@linnet' && name !== 'linnet') link(join(from, name), join(to, name));
  }
  for (const name of readdirSync(join(copy, 'packages'))) {
    link(join(copy, 'packages', name), join(to, '@linnet', name));
  }
}

function npm(cwd: string, ...args: string[]): void {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  execFileSync('npm', [...args, ...quiet], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
}

function npx(...args: string[]) {
  return spawnSync('npx', ['--no-install', 'linnet', ...args], {
    cwd: user,
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
}

test('npx linnet batch finds the anomalies of the snapshot', () => {
  const snapshot = join(root, 'examples/purpleair/data.json');
  const { status, stdout, stderr } = npx('batch', snapshot, '--output', 'json', '--plot', 'picture.svg');
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trimEnd().split('\n').length, 256);
  assert.match(stderr, /"offset":-0\.6885897911473712/);
  assert.ok(readdirSync(user).includes('picture.svg'));
});

test('npx linnet run runs a flow that imports the package, on one thread and on two', () => {
  const lines = Array.from(
    { length: 400 },
    (_, i) => `{"sensor":"a","pm25":${i === 390 ? 900 : 10 + (i % 7)}}\n`,
  );
  writeFileSync(join(user, 'readings.jsonl'), lines.join(''));
  writeFileSync(
    join(user, 'first.ts'),
    `import { flow, halfSpaceTrees, jsonLines, print } from 'linnet';
interface Reading { readonly sensor: string; readonly pm25: number }
export default flow('first')
  .source('in', jsonLines<Reading>('readings.jsonl'))
  .keyBy('sensor', ({ sensor }) => sensor)
  .model('detect', halfSpaceTrees({ features: ['pm25'], limits: { pm25: [0, 1200] } }))
  .filter('strange', ({ score, ready }) => ready && score !== null && score > 0.9)
  .map('report', ({ value }) => value)
  .sink('out', print());
`,
  );
  for (const workers of ['1', '2']) {
    const { status, stdout, stderr } = npx('run', 'first.ts', '--workers', workers, '--output', 'json');
    assert.equal(status, 0, stderr);
    assert.equal(stdout, '{"sensor":"a","pm25":900}\n');
  }
});

test('the declarations are what a program is checked against', () => {
  writeFileSync(
    join(user, 'typed.ts'),
    `import { flow, records, print, zScore } from 'linnet';
import { checkModel } from '@linnet/core/testing';
checkModel(zScore({ features: ['x'] }));
// @ts-expect-error a record has no such property
flow('x').source('in', records([{ a: 1 }])).map('m', (r) => r.b).sink('out', print());
`,
  );
  const tsc = join(root, 'node_modules/typescript-7/bin/tsc');
  const args = [
    tsc,
    '--noEmit',
    '--skipLibCheck',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--types',
    '',
    'typed.ts',
  ];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: user, env, encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});

function link(from: string, to: string): void {
  symlinkSync(realpathSync(from), to, 'junction');
}
