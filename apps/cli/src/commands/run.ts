import type { KafkaConnection } from '@linnet/connectors/kafka';
import type { Threads } from '@linnet/connectors/runtime';
import { LinnetError } from '@linnet/core/base';
import { Command, Option } from 'commander';
import { byteSize, duration, pair, positiveInteger, workers } from '../options.ts';
import type { RunOnKafkaOptions } from '../run/run-on-kafka.ts';
import type { RunFlowOptions } from '../run/run-flow-file.ts';

type Options = RunFlowOptions & RunOnKafkaOptions;

export function runCommand(): Command {
  return new Command('run')
    .description('run a flow until its sources end')
    .argument('<flow>', 'file that exports the flow')
    .option('--workers <n>', 'worker threads; the result does not depend on it', workers, 1)
    .option('--limit <n>', 'read the first n records of each source', positiveInteger)
    .addOption(
      new Option('--output <format>', 'how records are printed').choices(['text', 'json']).default('text'),
    )
    .option('--recovery <dir>', 'keep state in this folder and go on from it; made when missing')
    .addOption(
      new Option('--commit-interval <time>', 'time between two commits: 500ms, 1s, 1m')
        .argParser(duration)
        .default(1000, '1s'),
    )
    .addOption(
      new Option(
        '--state-memory <size>',
        'memory for the states of each keyBy, over Kafka of each process; keys that were not seen for longest go to disk beyond it',
      )
        .argParser(byteSize)
        .default(2 ** 30, '1GB'),
    )
    .option('--hot-keys <n>', 'keys of each keyBy to keep in memory, instead of a size', positiveInteger)
    .option('--reset', 'give up what the recovery folder holds and begin anew')
    .option('--rename <old=new>', 'a step was renamed: take its state over (repeatable)', pair, {})
    .option(
      '--drop <step>',
      'give up the state of a step (repeatable)',
      (id: string, all: string[]) => [...all, id],
      [],
    )
    .option('--kafka <brokers>', 'run over Apache Kafka: host:port, several with commas')
    .option('--kafka-config <file>', 'JSON with tls and sasl of the connection')
    .option('--app <name>', 'with --kafka: names the group and the topics; the flow’s own name if not given')
    .option('--topic <[source=]name>', 'with --kafka: input topic of a source (repeatable)', topic, {})
    .option('--instances <n>', 'with --kafka: start n processes', positiveInteger)
    .option('--instance <name>', 'with --kafka: name of this process, the same after a restart')
    .option('--state <dir>', 'with --kafka: folder of local state')
    .option(
      '--health <[host:]port>',
      'with --kafka: answer /live, /ready and /metrics there; host 127.0.0.1 if not given, port 0: any',
    )
    .option('--until-end', 'with --kafka: end where linnet load --end ended the input')
    .action(async (path: string, options: Options, command: Command) => {
      const threads = await threadsFor(path, options);
      try {
        process.exitCode = await runWhereItBelongs(path, options, command, threads);
      } finally {
        await threads?.stop();
      }
    });
}

/** @returns nothing where one thread is enough */
async function threadsFor(
  path: string,
  { kafka, workers: count, ...options }: Options,
): Promise<Threads | undefined> {
  if (kafka !== undefined || count === 1) return undefined;
  const { startThreads } = await import('../run/start-threads.ts');
  return startThreads(path, { ...options, workers: count });
}

/** Over Kafka where an option or the flow itself names it. */
async function runWhereItBelongs(
  path: string,
  options: Options,
  command: Command,
  threads: Threads | undefined,
): Promise<number> {
  const named = options.kafka === undefined ? await namedConnection(path) : undefined;
  const brokers = options.kafka ?? named?.brokers;
  if (brokers !== undefined) {
    const { runOnKafka } = await import('../run/run-on-kafka.ts');
    const source = command.getOptionValueSource('commitInterval');
    return runOnKafka(path, { ...options, kafka: brokers }, source, named);
  }
  refuseOfKafka(command);
  const { runFlowFile } = await import('../run/run-flow-file.ts');
  return runFlowFile(path, options, threads);
}

/** Options that say something of a run over Kafka alone. */
const OF_KAFKA = new Set([
  'kafkaConfig',
  'app',
  'topic',
  'instances',
  'instance',
  'state',
  'health',
  'untilEnd',
]);

function refuseOfKafka(command: Command): void {
  const wrong = command.options
    .filter((option) => OF_KAFKA.has(option.attributeName()))
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long }) => long);
  if (wrong.length > 0)
    throw new LinnetError('usage', `without --kafka HOST:PORT there is no ${wrong.join(', no ')}`);
}

/** The connection that a source `kafka({ topic, brokers })` of the flow names. */
async function namedConnection(path: string): Promise<KafkaConnection | undefined> {
  const { loadFlow } = await import('@linnet/connectors/runtime');
  const { isSource } = await import('@linnet/core/engine');
  const graph = await loadFlow(path, import.meta.url);
  const topics = [...graph.steps.values()].flatMap((step) =>
    isSource(step) && step.source.kind === 'kafka' ? [step.source] : [],
  );
  if (topics.length === 0) return undefined;
  const { connectionOf } = await import('@linnet/connectors/kafka');
  const connection = connectionOf(topics);
  if (connection === undefined)
    throw new LinnetError(
      'usage',
      `the flow reads the topic ${topics[0]?.name}: say where Kafka is with --kafka HOST:PORT, or with brokers in kafka({...})`,
    );
  return connection;
}

/** Parses `name` (any source) or `source=name`. */
function topic(text: string, all: Readonly<Record<string, string>>): Record<string, string> {
  return text.includes('=') ? pair(text, all) : { ...all, '*': text };
}
