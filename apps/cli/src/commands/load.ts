import { Command, Option } from 'commander';
import type { RunLoadOptions } from '../load/run-load.ts';
import { positiveInteger, positiveNumber } from '../options.ts';

export function loadCommand(): Command {
  return new Command('load')
    .description('load the records of a file into a Kafka topic')
    .argument('<file>', 'CSV, JSON lines or a JSON array, gzip too; - for standard input')
    .requiredOption('--kafka <brokers>', 'host:port, several with commas')
    .requiredOption('--topic <name>', 'topic to load into; made when it is missing')
    .requiredOption('--key <field>', 'field by which records are dealt to partitions')
    .option('--kafka-config <file>', 'JSON with tls and sasl of the connection')
    .option('--partitions <n>', 'partitions of the topic when it is made; 3 if not given', positiveInteger)
    .option(
      '--replication <n>',
      'copies of each partition when it is made; the broker’s default if not given',
      positiveInteger,
    )
    .addOption(
      new Option('--format <format>', 'told by name if not given').choices([
        'csv',
        'jsonl',
        'json',
        'purpleair',
      ]),
    )
    .option('--time <field>', 'field of the event time: becomes the message’s timestamp')
    .addOption(
      new Option('--time-format <format>', 'how it is written')
        .choices(['iso', 's', 'ms', 'us', 'ns', 'detect'])
        .default('detect'),
    )
    .option('--speed <factor>', 'keep the recorded pace, times this; flat out if not given', positiveNumber)
    .option('--limit <n>', 'load the first n records', positiveInteger)
    .option('--end', 'mark the end of the input: flows run with --until-end end there')
    .action(async (path: string, options: RunLoadOptions) => {
      const { runLoad } = await import('../load/run-load.ts');
      process.exitCode = await runLoad(path, options);
    });
}
