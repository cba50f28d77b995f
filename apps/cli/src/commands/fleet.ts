import { Command, Option } from 'commander';

export function fleetCommand(): Command {
  return new Command('fleet')
    .description('list devices: recorded, stored, lost, duplicates, dropped, silent')
    .option('--data <dir>', 'folder of the store', 'linnet-data')
    .option('--device <name>', 'one device only')
    .addOption(new Option('--output <format>', 'how it is printed').choices(['text', 'json']).default('text'))
    .action(async (options: { data: string; device?: string; output: 'text' | 'json' }) => {
      const { showFleet } = await import('../serve/show-fleet.ts');
      process.stdout.write(showFleet(options));
    });
}
