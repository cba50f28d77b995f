import { Command, Option } from 'commander';
import type { RunTopOptions } from '../top/run-top.ts';

export function topCommand(): Command {
  return new Command('top')
    .description('show what the processes of a flow on Kafka do, second by second')
    .requiredOption('--kafka <brokers>', 'host:port, several with commas')
    .requiredOption('--app <name>', 'name of the running flow')
    .option('--kafka-config <file>', 'JSON with tls and sasl of the connection')
    .option('--once', 'print the state of this second and end')
    .addOption(new Option('--output <format>').choices(['text', 'json']).default('text'))
    .action(async (options: RunTopOptions) => {
      const { runTop } = await import('../top/run-top.ts');
      process.exitCode = await runTop(options);
    });
}
