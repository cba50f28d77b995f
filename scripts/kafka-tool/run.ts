import { spawnSync } from 'node:child_process';

/**
 * Runs a program to its end, its output to stderr.
 * @throws Error with the last lines it printed when it fails
 */
export function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): void {
  const done = spawnSync(program, [...args], { ...options, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (done.status === 0) return;
  const said = `${done.stdout ?? ''}${done.stderr ?? ''}`.trimEnd().split('\n').slice(-15).join('\n');
  throw new Error(
    `${program} ${args[0] ?? ''} failed (${done.error?.message ?? `exit ${done.status}`})\n${said}`,
  );
}

/** Whether a program is on the PATH. */
export function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

/** Installs Debian packages where that can be done without asking: as root, with apt-get. */
export function installDebian(packages: readonly string[]): boolean {
  if (process.getuid?.() !== 0 || !has('apt-get')) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  process.stderr.write(`linnet: installing ${packages.join(' ')}\n`);
  run('apt-get', ['update', '-q'], { cwd: '/', env });
  run('apt-get', ['install', '-qy', '--no-install-recommends', ...packages], { cwd: '/', env });
  return true;
}
