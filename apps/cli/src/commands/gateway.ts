import { Command, Option } from 'commander';
import { LinnetError } from '@linnet/core/base';
import { epsilons, type Epsilons } from '../gateway/epsilons.ts';
import type { DryRunCommand } from '../gateway/run-dry.ts';
import type { LiveCommand } from '../gateway/run-live.ts';
import { duration, instant, positiveInteger, positiveNumber, wholeNumbers } from '../options.ts';

const MEASURES = ['temperature', 'humidity', 'light', 'voltage'];

export function gatewayCommand(): Command {
  return withLiveOptions(new Command('gateway'))
    .description('send only what the cloud could not predict (dual prediction)')
    .option('--dry-run <file>', 'for a recorded file, what would be sent: raw Intel Lab lines or a table')
    .option(
      '--epsilon <list>',
      'how far a stored value may be off: 0.1,0.2,0.5, or one a measure as temperature=0.5',
      (text: string, before?: Epsilons) => epsilons(text, before),
    )
    .option('--deadline <ticks>', 'instants from a violation to the message; a list in a dry run', (text) =>
      wholeNumbers(text),
    )
    .option('--heartbeat <ticks>', 'instants of silence before a heartbeat', positiveInteger)
    .option(
      '--tolerance <ticks>',
      'violations in a row that send nothing yet',
      (text) => wholeNumbers(text)[0],
    )
    .addOption(
      new Option('--predictor <name>', 'auto lets the numbers choose').choices([
        'auto',
        'hold',
        'linear',
        'lms',
        'derivative',
        'autoregressive',
        'lstm',
      ]),
    )
    .option('--model <file>', 'an LSTM forecaster, as train lstm --forecast writes it')
    .addOption(
      new Option('--layout <layout>', 'of the recorded file; told by its content').choices([
        'intel-lab',
        'table',
      ]),
    )
    .option(
      '--resample <interval>',
      'instants: means over intervals, of raw lines or live',
      duration,
      120_000,
    )
    .addOption(
      new Option('--value <field>', 'which measurement of raw lines')
        .choices(MEASURES)
        .default('temperature'),
    )
    .option('--from <time>', 'leave out what is before (ISO 8601, UTC)', instant)
    .option('--to <time>', 'leave out what is at this time or after (ISO 8601, UTC)', instant)
    .addOption(new Option('--interpolate <method>', 'fill gaps first').choices(['linear']))
    .option('--plot', 'draw what is real against what the cloud has')
    .addOption(
      new Option('--output <format>', 'how figures are printed').choices(['text', 'json']).default('text'),
    )
    .action(async (options: DryRunCommand & LiveCommand) => {
      if ((options.dryRun === undefined) === (options.up === undefined)) {
        throw new LinnetError('usage', 'give either --dry-run FILE or --up ADDRESS');
      }
      if (options.up !== undefined) {
        const { runLive } = await import('../gateway/run-live.ts');
        process.exitCode = await runLive(options);
        return;
      }
      const { runDry } = await import('../gateway/run-dry.ts');
      await runDry(options);
    });
}

/** What a running link needs, and a dry run does not. */
function withLiveOptions(command: Command): Command {
  return command
    .option('--up <address>', 'the cloud’s broker, mqtt://host[:port] or mqtts://host; readings on stdin')
    .option('--id <name>', 'name of this gateway', 'gateway')
    .option('--data <dir>', 'folder of its state and log; default linnet-gateway/NAME')
    .option('--lateness <interval>', 'how late a reading may come; default one interval', duration)
    .option(
      '--detect <what>',
      'send at once a value so many deviations from its recent mean, or what a model of train lstm finds',
      numberOrFile,
    )
    .option('--ca <file>', 'authority of the broker’s certificate, PEM')
    .option('--cert <file>', 'own certificate for mutual TLS, PEM')
    .option('--key <file>', 'its key, PEM');
}

/** A number of deviations, or else the name of a file. */
function numberOrFile(text: string): number | string {
  return Number.isNaN(Number(text)) ? text : positiveNumber(text);
}
