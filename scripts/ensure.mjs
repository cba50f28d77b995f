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
const LOCK_STALE_MS = 10 * 60_000;
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

function installed() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

function install() {
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

/** One installer at a time: `mkdir` is atomic on every file system. A lock left by a killed run is taken over. */
function withLock(work) {
  const waitUntil = Date.now() + LOCK_STALE_MS;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') fail(`cannot write to ${root}: ${error.message}`);
      if (isStale()) rmSync(lock, { recursive: true, force: true });
      else if (Date.now() > waitUntil) fail(`another install holds ${lock}; remove it if none is running`);
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid));
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function isStale() {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    process.kill(pid, 0);
    return false;
  } catch (error) {
    if (error.code === 'ESRCH') return true;
    if (error.code !== 'ENOENT') return false;
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
  rmSync(lock, { recursive: true, force: true });
  process.exit(1);
}
