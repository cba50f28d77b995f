import { Command } from 'commander';
import type { AskHealthOptions } from '../health/ask-health.ts';

export function healthCommand(): Command {
  return new Command('health')
    .description('ask a process that runs with --health whether it is ready; exit 1 when not')
    .argument('[address]', '[host:]port', '127.0.0.1:9464')
    .option('--live', 'ask only whether it lives')
    .action(async (address: string, options: AskHealthOptions) => {
      const { askHealth } = await import('../health/ask-health.ts');
      process.exitCode = await askHealth(address, options);
    });
}
