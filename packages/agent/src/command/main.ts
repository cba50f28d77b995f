#!/usr/bin/env node
/** `linnet-agent`: the command alone, for devices on which the rest of Linnet is not installed. */
import { enableCompileCache } from 'node:module';
import { saveMemory } from './save-memory.ts';

saveMemory();
enableCompileCache();
const args = process.argv.slice(2);
const { helpText, readOptions } = await import('./read-options.ts');
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(helpText());
} else {
  try {
    const { runAgent } = await import('./run-agent.ts');
    process.exitCode = await runAgent(readOptions(args));
  } catch (error) {
    process.stderr.write(`linnet-agent: ${(error as Error).message}\n`);
    process.exitCode = (error as { code?: string }).code === 'usage' ? 2 : 1;
  }
}
