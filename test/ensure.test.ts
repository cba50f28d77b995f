/** scripts/ensure.mjs, with an npm that only says that it was called. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

const script = join(dirname(import.meta.dirname), 'scripts/ensure.mjs');

/** A checkout of nothing but ensure.mjs, a lock file and an npm of its own. */
class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), 'linnet-ensure-'));
  readonly modules = join(this.root, 'node_modules');
  readonly lock = join(this.root, '.install-lock');
  private readonly calls = join(this.root, 'calls');
  private readonly env = {
    ...process.env,
    PATH: `${join(this.root, 'bin')}${delimiter}${process.env['PATH']}`,
  };

  constructor(t: TestContext) {
    t.after(() => rmSync(this.root, { recursive: true, force: true }));
    for (const folder of ['scripts', 'bin']) mkdirSync(join(this.root, folder));
    copyFileSync(script, join(this.root, 'scripts/ensure.mjs'));
    this.lockFile('1');
    this.npm('echo done > node_modules/.package-lock.json');
  }

  /** What `npm ci` does after emptying node_modules. */
  npm(then: string): void {
    const file = join(this.root, 'bin/npm');
    writeFileSync(
      file,
      `#!/bin/sh\necho "$*" >> ${this.calls}\nrm -rf node_modules; mkdir node_modules\n${then}\n`,
    );
    chmodSync(file, 0o755);
  }

  lockFile(text: string): void {
    writeFileSync(join(this.root, 'package-lock.json'), text);
  }

  run(): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(process.execPath, ['scripts/ensure.mjs'], {
      cwd: this.root,
      env: this.env,
      encoding: 'utf8',
    });
  }

  start(): ChildProcess {
    return spawn(process.execPath, ['scripts/ensure.mjs'], {
      cwd: this.root,
      env: this.env,
      stdio: 'ignore',
      detached: true,
    });
  }

  installs(): number {
    return existsSync(this.calls) ? readFileSync(this.calls, 'utf8').split('\n').length - 1 : 0;
  }
}

test('the first run installs, the second only says which Node', (t) => {
  const checkout = new Checkout(t);
  const first = checkout.run();
  assert.equal(first.status, 0, first.stderr);
  assert.equal(first.stdout, process.execPath);
  assert.equal(
    readFileSync(join(checkout.root, 'calls'), 'utf8'),
    'ci --no-audit --no-fund --loglevel=error\n',
  );
  const started = performance.now();
  const second = checkout.run();
  assert.equal(second.stdout, process.execPath);
  assert.equal(second.stderr, '');
  assert.ok(performance.now() - started < 1000);
  assert.equal(checkout.installs(), 1);
});

test('a changed lock file installs again', (t) => {
  const checkout = new Checkout(t);
  checkout.run();
  checkout.lockFile('2');
  assert.equal(checkout.run().status, 0);
  assert.equal(checkout.installs(), 2);
});

test('a packaged Node is preferred to the one that runs', (t) => {
  const checkout = new Checkout(t);
  const bin = `node_modules/node-${process.platform}-${process.arch}/bin`;
  checkout.npm(`mkdir -p ${bin}; touch ${bin}/node; touch node_modules/.package-lock.json`);
  assert.equal(checkout.run().stdout, join(checkout.root, bin, 'node'));
});

test('a failed install says so, leaves no lock and is tried again', (t) => {
  const checkout = new Checkout(t);
  checkout.npm('echo no network >&2; exit 7');
  const failed = checkout.run();
  assert.equal(failed.status, 1);
  assert.equal(failed.stdout, '');
  assert.match(failed.stderr, /no network\nlinnet: npm ci failed \(exit 7\)/);
  assert.ok(!existsSync(checkout.lock));
  checkout.npm('touch node_modules/.package-lock.json');
  assert.equal(checkout.run().status, 0);
});

test('an install that was killed is repaired, and its lock taken over', async (t) => {
  const checkout = new Checkout(t);
  checkout.run();
  checkout.lockFile('2');
  checkout.npm('touch node_modules/half; exec sleep 60');
  const child = checkout.start();
  while (!existsSync(join(checkout.modules, 'half'))) await new Promise((resolve) => setImmediate(resolve));
  process.kill(-(child.pid as number), 'SIGKILL');
  await once(child, 'exit');
  assert.ok(existsSync(checkout.lock), 'the killed run left its lock');

  checkout.npm('touch node_modules/.package-lock.json');
  assert.equal(checkout.run().status, 0);
  assert.ok(!existsSync(join(checkout.modules, 'half')));
  assert.ok(!existsSync(checkout.lock));
  assert.equal(checkout.installs(), 3);
});

test("an install of npm's own that was cut short is repaired", (t) => {
  const checkout = new Checkout(t);
  checkout.run();
  rmSync(join(checkout.modules, '.package-lock.json'));
  checkout.run();
  assert.equal(checkout.installs(), 2);
});

test('many at once install once, also where all find the lock of a dead process', async (t) => {
  const checkout = new Checkout(t);
  checkout.npm('sleep 0.5; touch node_modules/.package-lock.json');
  mkdirSync(checkout.lock);
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(join(checkout.lock, 'pid'), String(dead));
  const exits = Array.from({ length: 5 }, () => once(checkout.start(), 'exit'));
  assert.deepEqual(
    (await Promise.all(exits)).map(([code]) => code as unknown),
    [0, 0, 0, 0, 0],
  );
  assert.equal(checkout.installs(), 1);
});
