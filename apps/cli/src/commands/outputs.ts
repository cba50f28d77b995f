import { Command } from 'commander';
import { LinnetError } from '@linnet/core/base';

interface OutputsOptions {
  readonly recovery?: string;
  readonly sink?: string;
  readonly kafka?: string;
  readonly kafkaConfig?: string;
  readonly app?: string;
}

export function outputsCommand(): Command {
  return new Command('outputs')
    .description(
      'print the records that a flow keeps in its recovery folder (sinks of kind table) or in its topics, as JSON lines',
    )
    .option('--recovery <dir>', 'the folder')
    .option('--kafka <brokers>', 'read a topic of a flow on Kafka instead: host:port, several with commas')
    .option('--kafka-config <file>', 'JSON with tls and sasl of the connection')
    .option('--app <name>', 'with --kafka: the flow’s --app')
    .option('--sink <id>', 'one sink only; with --kafka it must be said')
    .action(async (options: OutputsOptions) => {
      const { printer } = await import('../run/printer.ts');
      const print = printer(process.stdout);
      for await (const record of await recordsOf(options)) await print(`${record}\n`);
    });
}

async function recordsOf(options: OutputsOptions): Promise<Iterable<string> | AsyncIterable<string>> {
  const { recovery, sink, kafka, kafkaConfig, app } = options;
  if ((recovery === undefined) === (kafka === undefined))
    throw new LinnetError(
      'usage',
      'say where the records are: --recovery DIR, or --kafka HOST:PORT --app NAME --sink ID',
    );
  if (recovery !== undefined) {
    const { readOutputs } = await import('@linnet/connectors/recovery');
    return readOutputs(recovery, sink);
  }
  if (app === undefined || sink === undefined)
    throw new LinnetError('usage', '--kafka needs the flow’s name and the sink’s: --app NAME --sink ID');
  const { confluentKafka, readConnection, readKafkaOutputs } = await import('@linnet/connectors/kafka');
  return readKafkaOutputs(confluentKafka(readConnection(kafka as string, kafkaConfig)), app, sink);
}
