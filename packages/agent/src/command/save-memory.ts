import { setFlagsFromString } from 'node:v8';

/**
 * The compilers that make hot code faster take 10 MB, and a young heap that grows 5 more; a device records a few readings a second, and
 * even thousands cost it little without (docs/decisions/agent-without-optimiser.md). What is loaded before still has them.
 */
export function saveMemory(): void {
  for (const flag of ['--no-opt', '--no-maglev', '--semi-space-growth-factor=1']) setFlagsFromString(flag);
}
