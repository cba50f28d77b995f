import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What a script of bench/peers prints: rounds by the name of the figure. */
export type Figures = Readonly<Record<string, readonly number[] | undefined>>;

/** Runs the Python side in virtual environments of its own, made at the first need and kept for the next time. */
export class Peers {
  private readonly done = new Map<string, Figures | Error>();

  /** A script runs once, whatever number of scenarios ask for its figures. */
  run(script: string, requirements = 'requirements.txt'): Figures {
    const figures = this.done.get(script) ?? this.attempt(script, requirements);
    this.done.set(script, figures);
    if (figures instanceof Error) throw figures;
    return figures;
  }

  private attempt(script: string, requirements: string): Figures | Error {
    try {
      const python = environment(requirements);
      progress(`running peers/${script}`);
      return JSON.parse(
        output(python, [peersFile(script)])
          .trim()
          .split('\n')
          .at(-1) ?? '',
      ) as Figures;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** The Python of the environment that holds what `requirements` names; one environment for each content of such a file. */
function environment(requirements: string): string {
  const wanted = readFileSync(peersFile(requirements));
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'linnet-bench', `${requirements.replace(/\.txt$/, '')}-${hash}`);
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return python;
  const system = systemPython();
  progress(`making a virtual environment for peers/${requirements} in ${folder} (once)`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  output(system, ['-m', 'venv', folder]);
  output(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    peersFile(requirements),
  ]);
  writeFileSync(complete, '');
  return python;
}

function systemPython(): string {
  for (const name of ['python3', 'python']) {
    const { status, stdout } = spawnSync(name, ['-c', 'import sys; print(sys.version_info[0])'], {
      encoding: 'utf8',
    });
    if (status === 0 && stdout.trim() === '3') return name;
  }
  throw new Error('--peers needs Python 3 on the PATH (python3, with its venv module), and there is none');
}

function output(command: string, args: readonly string[]): string {
  // Settings that force a processor kernel on numpy are for older builds than those pinned here, which they slow down.
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env;
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    // For a script that measures over something that only our side can start.
    env: { ...env, LINNET_NODE: process.execPath },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return stdout;
  const why = (error?.message ?? stderr).trim().split('\n').slice(-2).join(' ');
  throw new Error(`"${[command, ...args].join(' ')}" failed: ${why}`);
}

function peersFile(name: string): string {
  return join(import.meta.dirname, 'peers', name);
}

function progress(what: string): void {
  process.stderr.write(`bench: ${what}\n`);
}
