import { Command, Option } from 'commander';
import { duration, instant, positiveInteger, seed } from '../options.ts';
import type { SimulateAirOptions } from '../simulate/write-air.ts';

export function simulateCommand(): Command {
  const air = new Command('air')
    .description('readings of air sensors with smoke and broken sensors that are known')
    .option('--sensors <n>', 'how many sensors', positiveInteger, 40)
    .option('--days <n>', 'how many days', positiveInteger, 90)
    .option('--seed <n>', 'the same seed gives the same bytes', seed, 1)
    .option('--start <time>', 'time of the first reading (ISO 8601, UTC)', instant, Date.UTC(2024, 4, 1))
    .addOption(
      new Option('--interval <time>', 'between two readings of a sensor: 2min, 10min')
        .argParser(duration)
        .default(600_000, '10min'),
    )
    .addOption(
      new Option(
        '--layout <layout>',
        'which columns: csv (one value) or history (PurpleAir, channels A and B)',
      )
        .choices(['csv', 'history'])
        .default('csv'),
    )
    .option('--out <file>', 'where to write; gzip when it ends in .gz; standard output if not given')
    .option('--truth <file>', 'where to write what is smoke and what is broken, as JSON')
    .action(async (options: SimulateAirOptions) => {
      const { writeAir } = await import('../simulate/write-air.ts');
      await writeAir(options);
    });
  return new Command('simulate').description('make readings whose truth is known').addCommand(air);
}
