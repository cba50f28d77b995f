import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** SIGKILL. Resolves when the process is gone. */
export async function killProcess(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
