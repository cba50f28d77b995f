import { Command } from 'commander';

export function outputsCommand(): Command {
  return new Command('outputs')
    .description(
      'print the records that a flow keeps in its recovery folder (sinks of kind table), as JSON lines',
    )
    .requiredOption('--recovery <dir>', 'the folder')
    .option('--sink <id>', 'one sink only')
    .action(async ({ recovery, sink }: { recovery: string; sink?: string }) => {
      const [{ readOutputs }, { printer }] = await Promise.all([
        import('@linnet/connectors/recovery'),
        import('../run/printer.ts'),
      ]);
      const print = printer(process.stdout);
      for (const record of readOutputs(recovery, sink)) await print(`${record}\n`);
    });
}
