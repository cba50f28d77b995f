import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { EXIT } from '../report.ts';

/** What several of them say within that time is of one cause. */
const SAME_MS = 5000;

/** Starts the same command several times, and ends with them: the first failure ends all. What all of them say is said once. */
export async function runSeveral(instances: number): Promise<number> {
  const own = [...process.execArgv, ...process.argv.slice(1)].filter(notInstances);
  // In groups of their own: a terminal's Ctrl-C would reach each of them twice, and the second one ends it at once.
  const detached = process.platform !== 'win32';
  const children = Array.from({ length: instances }, () =>
    spawn(process.execPath, own, { stdio: ['ignore', 'inherit', 'pipe'], detached }),
  );
  const said = new Map<string, number>();
  for (const { stderr } of children)
    createInterface({ input: stderr }).on('line', (line) => {
      const now = performance.now();
      const before = said.get(line);
      said.set(line, now);
      if (before === undefined || now - before > SAME_MS) process.stderr.write(`${line}\n`);
    });
  const pass = (signal: NodeJS.Signals) => children.forEach((child) => child.kill(signal));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, pass);
  const codes = await Promise.all(
    children.map(async (child) => {
      const [code] = (await once(child, 'close')) as [number | null];
      if (code !== EXIT.done) pass('SIGTERM');
      return code ?? EXIT.failed;
    }),
  );
  return codes.find((code) => code !== EXIT.done && code !== EXIT.interrupted) ?? Math.max(...codes);
}

function notInstances(argument: string, index: number, all: readonly string[]): boolean {
  return (
    argument !== '--instances' && all[index - 1] !== '--instances' && !argument.startsWith('--instances=')
  );
}
