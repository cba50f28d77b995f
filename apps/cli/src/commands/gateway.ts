import { Command, Option } from 'commander';
import { LinnetError } from '@linnet/core';
import { epsilons, type Epsilons } from '../gateway/epsilons.ts';
import type { DryRunCommand } from '../gateway/run-dry.ts';
import { duration, instant, positiveInteger, wholeNumbers } from '../options.ts';

const MEASURES = ['temperature', 'humidity', 'light', 'voltage'];

export function gatewayCommand(): Command {
  return new Command('gateway')
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
    .option('--resample <interval>', 'mean of raw lines over intervals', duration, 120_000)
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
    .action(async (options: DryRunCommand & { dryRun?: string }) => {
      if (options.dryRun === undefined) throw new LinnetError('usage', 'give --dry-run FILE');
      const { runDry } = await import('../gateway/run-dry.ts');
      await runDry(options);
    });
}
