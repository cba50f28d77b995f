import { Command, Option } from 'commander';
import { positiveInteger } from '../options.ts';

export function runCommand(): Command {
  return new Command('run')
    .description('run a flow until its sources end')
    .argument('<flow>', 'file that exports the flow')
    .option('--workers <n>', 'worker threads; the result does not depend on it', positiveInteger, 1)
    .option('--limit <n>', 'read at most n records from each source', positiveInteger)
    .addOption(
      new Option('--output <format>', 'how records are printed').choices(['text', 'json']).default('text'),
    )
    .action(async (path: string, options: { workers: number; limit?: number; output: 'text' | 'json' }) => {
      const { runFlowFile } = await import('../run/run-flow-file.ts');
      process.exitCode = await runFlowFile(path, options);
    });
}
