/** Runs the real command line from the sources, for end-to-end tests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called with the process as soon as it runs; standard input is left open when `input` is not given. */
  readonly during?: (child: ChildProcess) => void | Promise<void>;
}

/** Runs `linnet ARGS` to its end. Settings for PurpleAir come from `env` alone. */
export async function linnet(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PURPLEAIR_'));
  const main = join(root, 'apps/cli/src/main.ts');
  const child = spawn(process.execPath, ['--conditions=source', main, ...args], {
    cwd: options.cwd ?? root,
    env: { ...Object.fromEntries(inherited), ...options.env },
  });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A process that fails before it reads all of its input closes the pipe.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('close', (code, signal) => resolve([code, signal]));
    child.on('error', reject);
  });
  if (options.input !== undefined || options.during === undefined) child.stdin.end(options.input ?? '');
  await options.during?.(child);
  const [code, signal] = await ended;
  return {
    code,
    signal,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
  };
}
