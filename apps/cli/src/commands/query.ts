import { Command, InvalidArgumentError, Option } from 'commander';
import { instant, positiveInteger } from '../options.ts';
import type { QueryOptions } from '../query/run-query.ts';

export function queryCommand(): Command {
  const repeated = (value: string, all: readonly string[]) => [...all, value];
  return new Command('query')
    .description('read the history that flows keep: readings, scores and anomalies by sensor and time')
    .option('--recovery <dir>', 'the recovery folder of the flow')
    .option('--store <file>', 'a history in a file of its own')
    .option('--sensor <name>', 'of this sensor only (repeatable)', repeated, [])
    .option('--from <time>', 'leave out what is before (ISO 8601, UTC)', instant)
    .option('--to <time>', 'leave out what is at this time or after (ISO 8601, UTC)', instant)
    .option('--metric <name>', 'this metric only (repeatable)', repeated, [])
    .option('--anomalies', 'only readings that are anomalies, in time order')
    .option('--downsample <points>', 'at most so many readings a sensor, which keep the shape', points)
    .option(
      '--provisional',
      'add what the cloud foretells of gateways after the last confirmed instant, up to --to or now',
    )
    .option('--models <dir>', 'with --provisional: the forecasters (*.linnet) that gateways use')
    .option('--list', 'the sensors and metrics that there are')
    .addOption(
      new Option(
        '--output <format>',
        'how readings are written; csv, or what the ending of --out says',
      ).choices(['csv', 'json', 'parquet']),
    )
    .option('--out <file>', 'write into this file, not to standard output')
    .option('--skip-damaged', 'leave out what cannot be read, with a word; otherwise it is an error')
    .action(async (options: QueryOptions) => {
      const { runQuery } = await import('../query/run-query.ts');
      await runQuery(options);
    });
}

function points(text: string): number {
  const value = positiveInteger(text);
  if (value < 4) throw new InvalidArgumentError('It must be at least 4.');
  return value;
}
