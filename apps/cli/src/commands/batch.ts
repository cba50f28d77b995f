import { Command, InvalidArgumentError, Option } from 'commander';
import type { TableFormat } from '@linnet/connectors/file';
import { BATCH_DEFAULTS as defaults, detectors, imputers, outputs, type BatchOptions } from '../batch/job.ts';
import { positiveInteger } from '../options.ts';

/** Of |z|, when none is given. */
const ZSCORE_THRESHOLD = 2;
const SEED_MAX = 2 ** 32 - 1;

type Given = Omit<BatchOptions, 'file' | 'all'> & { readonly all?: boolean };

/** Named here so that help need not load what reads them. */
const FORMATS: readonly TableFormat[] = ['purpleair', 'csv', 'jsonl', 'parquet'];

export function batchCommand(): Command {
  return new Command('batch')
    .description('find the anomalies of a table: impute what is missing, score every row, say why')
    .argument(
      '[file]',
      "a file (gzip too), - for standard input, or an http(s) address; PurpleAir's API when left out",
    )
    .addOption(
      new Option('--format <format>', 'what the input is; found from name and content').choices(FORMATS),
    )
    .addOption(
      new Option('--impute <how>', 'how missing values are filled in')
        .choices(imputers)
        .default(defaults.impute),
    )
    .option(
      '--neighbors <n>',
      'nearest rows whose mean fills a gap, for knn',
      positiveInteger,
      defaults.neighbors,
    )
    .addOption(
      new Option('--detector <model>', 'what scores a row').choices(detectors).default(defaults.detector),
    )
    .option('--trees <n>', 'trees of the isolation forest', positiveInteger, defaults.trees)
    .option(
      '--contamination <share>',
      "share of rows that are anomalies, up to 0.5, or auto: the forest's own limit of -0.5",
      contamination,
      defaults.contamination,
    )
    .option(
      '--threshold <x>',
      'isolation-forest: a row with a score below x is an anomaly (-1 to 0, instead of --contamination); zscore: one with a |z| above x (default: 2)',
      number,
    )
    .option('--seed <n>', "seed of the forest's random numbers", seed, defaults.seed)
    .option(
      '--columns <names>',
      'the columns to score, with commas between; all that are numeric otherwise',
      names,
    )
    .option('--all', 'write every row, not anomalies only')
    .addOption(
      new Option('--output <format>', 'how rows are written').choices(outputs).default(defaults.output),
    )
    .option('--out <file>', 'write there instead of to standard output')
    .option('--plot <file.svg>', 'draw the scores, and the map where there are latitudes and longitudes')
    .action(async (file: string | undefined, given: Given, command: Command) => {
      const options = complete(file, given, command);
      const { runBatch } = await import('../batch/run-batch.ts');
      await runBatch(options);
    });
}

/** Checks what no option can check alone. */
function complete(file: string | undefined, given: Given, command: Command): BatchOptions {
  const { detector, threshold, format } = given;
  if (file === undefined && format !== 'purpleair') {
    command.error(
      'error: name a file, - for standard input, or an address (or --format purpleair alone for its API)',
    );
  }
  if (detector === 'isolation-forest' && threshold !== undefined && (threshold < -1 || threshold > 0)) {
    command.error(`error: --threshold ${threshold}: an isolation forest scores from -1 (strange) to 0`);
  }
  if (detector === 'zscore' && threshold !== undefined && threshold < 0) {
    command.error(`error: --threshold ${threshold}: a |z| is never below 0`);
  }
  if (given.plot !== undefined && /\.(?:png|jpe?g|gif|webp|pdf)$/i.test(given.plot)) {
    command.error(`error: --plot ${given.plot}: the picture is SVG; name a file that ends in .svg`);
  }
  return {
    ...given,
    file,
    format,
    all: given.all === true,
    columns: given.columns,
    out: given.out,
    plot: given.plot,
    threshold: threshold ?? (detector === 'zscore' ? ZSCORE_THRESHOLD : undefined),
  };
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

function contamination(text: string): number | 'auto' {
  if (text === 'auto') return text;
  const value = number(text);
  if (value <= 0 || value > 0.5)
    throw new InvalidArgumentError('It must be auto, or above 0 and at most 0.5.');
  return value;
}

function seed(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value) || value < 0 || value > SEED_MAX) {
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${SEED_MAX}.`);
  }
  return value;
}

/** Names with commas between; one that holds a comma is put in double quotes. */
function names(text: string): readonly string[] {
  const list = [...text.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)]
    .map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.trim())
    .filter((name) => name !== '');
  if (list.length === 0) throw new InvalidArgumentError('It names no column.');
  const twice = list.find((name, position) => list.indexOf(name) !== position);
  if (twice !== undefined) throw new InvalidArgumentError(`It names ${twice} twice.`);
  return list;
}
