// Prepares a checkout and prints the path of the Node to run it with, so that package.json's scripts can say
//   node=$(node scripts/ensure.mjs) && exec "$node" ...
// `exec` matters: without it a SIGTERM ends the shell and leaves the program running.
// Plain syntax of Node 20, no dependencies; everything said goes to stderr, stdout carries the path alone.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MINIMUM = [24, 15];
const LOCK_WAIT_MS = 10 * 60_000;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.linnet-installed');
const lock = join(root, '.install-lock');

const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex');

if (!installed()) withLock(() => installed() || install());
process.stdout.write(nodePath());

/** npm writes its own list of what is there as the last thing: without it an install was cut short. */
function installed() {
  return (
    existsSync(join(modules, '.package-lock.json')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === wanted
  );
}

function install() {
  rmSync(stamp, { force: true });
  say('installing dependencies (once, some seconds)');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const run = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (run.status !== 0) {
    fail(
      `npm ci failed (exit ${run.status ?? run.signal ?? run.error?.message}); mend the cause above and run the command again`,
    );
  }
  writeFileSync(stamp, wanted);
}

/** One installer at a time. A lock left by a killed run is taken over. */
function withLock(work) {
  const waitUntil = Date.now() + LOCK_WAIT_MS;
  let said = false;
  while (!locked()) {
    if (Date.now() > waitUntil) {
      say(`another install holds ${lock}; remove it if none is running`);
      process.exit(1);
    }
    if (!said && owner() !== undefined) say(`waiting for the install of process ${owner()}`);
    said = true;
    sleep(200);
  }
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** `mkdir` is atomic on every file system; only the removal of a stale lock needs a second look at who won. */
function locked() {
  try {
    mkdirSync(lock);
  } catch (error) {
    if (error.code !== 'EEXIST') fail(`cannot write to ${root}: ${error.message}`);
    if (!isStale()) return false;
    rmSync(lock, { recursive: true, force: true });
    return false;
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid));
  } catch {
    return false;
  }
  // Another that found the same stale lock may be about to remove this one in its place.
  sleep(100);
  return owner() === process.pid;
}

function owner() {
  try {
    return Number(readFileSync(join(lock, 'pid'), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function isStale() {
  const pid = owner();
  if (pid !== undefined) {
    try {
      process.kill(pid, 0);
      return false;
    } catch (error) {
      return error.code === 'ESRCH';
    }
  }
  try {
    return Date.now() - statSync(lock).mtimeMs > 10_000;
  } catch {
    return true;
  }
}

function nodePath() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const pinned = join(modules, `node-${platform}-${process.arch}`, 'bin', binary);
  if (existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return process.execPath;
  return fail(
    `Linnet needs Node >= ${MINIMUM.join('.')}; this is ${process.versions.node} and there is no packaged Node for ` +
      `${process.platform}-${process.arch}: install a newer one from nodejs.org`,
  );
}

function say(text) {
  process.stderr.write(`linnet: ${text}\n`);
}

function fail(text) {
  say(text);
  if (owner() === process.pid) rmSync(lock, { recursive: true, force: true });
  process.exit(1);
}
