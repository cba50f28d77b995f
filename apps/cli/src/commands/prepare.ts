import { Command, Option } from 'commander';
import { duration, instant } from '../options.ts';
import type { PrepareOptions } from '../prepare/prepare-files.ts';

export function prepareCommand(): Command {
  return new Command('prepare')
    .description('turn raw sensor lines into an evenly spaced table, a column a sensor')
    .argument('<file...>', 'files to read, plain or gzip')
    .addOption(
      new Option('--layout <layout>', 'how the lines are laid out')
        .choices(['intel-lab'])
        .makeOptionMandatory(),
    )
    .option('--from <time>', 'leave out what is before (ISO 8601, UTC)', instant)
    .option('--to <time>', 'leave out what is at this time or after (ISO 8601, UTC)', instant)
    .requiredOption('--resample <interval>', 'mean over intervals, say 2min', duration)
    .addOption(
      new Option('--value <field>', 'which measurement')
        .choices(['temperature', 'humidity', 'light', 'voltage'])
        .default('temperature'),
    )
    .addOption(new Option('--pivot <field>', 'what becomes a column').choices(['sensor']).default('sensor'))
    .option('--drop-empty', 'leave out sensors without any value')
    .addOption(new Option('--interpolate <method>', 'fill gaps').choices(['linear']))
    .option('--out <file>', 'where to write the table, .csv or .parquet')
    .option('--describe', 'print the statistics of each sensor')
    .option('--plot', 'draw each sensor')
    .addOption(
      new Option('--output <format>', 'how statistics are printed').choices(['text', 'json']).default('text'),
    )
    .action(async (files: string[], options: PrepareOptions) => {
      const { prepareFiles } = await import('../prepare/prepare-files.ts');
      await prepareFiles(files, options);
    });
}
