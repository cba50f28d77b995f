import { execFile } from 'node:child_process';
import type { Intake } from './intake.ts';

const OUTPUT_BYTES_MAX = 1 << 20;
const TIMEOUT_MS_MIN = 10_000;

/** Runs a line of the shell again and again, never twice at once; each line of its output is a reading. */
export async function fromCommand(
  intake: Intake,
  command: string,
  everyMs: number,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    const next = performance.now() + everyMs;
    const { output, trouble } = await run(command, Math.max(everyMs, TIMEOUT_MS_MIN), stop);
    if (trouble !== undefined && !stop.aborted) say(`the command failed: ${trouble}`);
    await intake.lines(output.split('\n'), (index) => `output of the command, line ${index + 1}`);
    await pause(next - performance.now(), stop);
  }
}

function run(
  command: string,
  timeout: number,
  signal: AbortSignal,
): Promise<{ output: string; trouble?: string }> {
  const shell = process.platform === 'win32' ? ['cmd', '/d', '/s', '/c'] : ['/bin/sh', '-c'];
  const [file = '', ...before] = shell;
  return new Promise((resolve) => {
    execFile(
      file,
      [...before, command],
      { timeout, signal, maxBuffer: OUTPUT_BYTES_MAX },
      (error, output, errors) => {
        if (error === null) return resolve({ output });
        const last = errors.trim().split('\n').at(-1) ?? '';
        const why = error.killed ? `it took more than ${timeout} ms` : `exit code ${error.code ?? '?'}`;
        resolve({ output, trouble: last === '' ? why : `${why}: ${last}` });
      },
    );
  });
}

/** Resolves after `ms`, or when it is time to stop. */
export function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const over = () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, Math.max(0, ms));
    stop.addEventListener('abort', over);
  });
}
