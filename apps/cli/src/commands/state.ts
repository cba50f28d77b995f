import { Command, Option } from 'commander';

export function stateCommand(): Command {
  return new Command('state')
    .description('show what the recovery folder of a flow holds')
    .argument('<flow>', 'file that exports the flow')
    .requiredOption('--recovery <dir>', 'the folder')
    .addOption(new Option('--output <format>', 'how it is printed').choices(['text', 'json']).default('text'))
    .action(async (path: string, { recovery, output }: { recovery: string; output: 'text' | 'json' }) => {
      const { showState } = await import('../run/show-state.ts');
      process.stdout.write(await showState(path, recovery, output));
    });
}
