import { spawnSync } from 'node:child_process';

/** A process from its start to its end. */
export function processSeconds(args: readonly string[], env: Record<string, string>): number {
  const from = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--conditions=source', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`);
  return (performance.now() - from) / 1000;
}
