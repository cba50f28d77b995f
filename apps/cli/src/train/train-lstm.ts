import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readSeries, writeFileAtomic } from '@linnet/connectors/file';
import { startLstmCrew } from '@linnet/connectors/lstm';
import { LinnetError, RandomState } from '@linnet/core';
import {
  countParameters,
  fitThresholds,
  hasRelaxedSimd,
  LstmTraining,
  lstmToOnnx,
  saveLstm,
  standardisation,
  standardise,
  type LstmModel,
  type LstmSettings,
  type LstmShape,
} from '@linnet/core/lstm';
import { EXIT } from '../report.ts';
import { readCheckpoint, writeCheckpoint, type Progress } from './checkpoint.ts';
import { drawTraining } from './draw-training.ts';
import { EpochBar } from './epoch-bar.ts';
import { filledSeries, splitSeries, type Split } from './windows.ts';

export interface TrainLstmOptions {
  readonly lookBack: number;
  readonly epochs: number;
  readonly split: number;
  readonly splitShuffled?: true;
  readonly validation: number;
  readonly forecast?: number;
  readonly units: number;
  readonly activation: 'relu' | 'tanh';
  readonly batch: number;
  readonly rate: number;
  readonly patience?: number;
  readonly standardise: boolean;
  readonly falseAlarmRate: number;
  readonly seed: number;
  readonly threads?: number;
  readonly strict?: true;
  readonly resume?: true;
  readonly out: string;
  readonly onnx?: string;
  readonly plot?: true;
  readonly output: 'text' | 'json';
}

/** Training that a crash may cost. */
const CHECKPOINT_MS = 10_000;

/**
 * `linnet train lstm`: a model file, its loss by epoch on stderr, the result on stdout. Ctrl-C ends after the epoch at hand
 * and leaves a checkpoint.
 * @returns the exit code
 */
export async function trainLstm(file: string, options: TrainLstmOptions): Promise<number> {
  const started = performance.now();
  for (const path of [options.out, options.onnx]) if (path !== undefined) requireFolder(path);
  const { series, filled } = filledSeries(await readSeries(file));
  if (filled > 0) say(`note: ${filled} missing values filled on lines`);
  if (options.splitShuffled === true) {
    say(
      'warning: --split-shuffled cuts windows from shuffled rows: neighbours of test rows are learned, losses mislead',
    );
  }
  const order =
    options.splitShuffled === true
      ? new RandomState(options.seed).permutation(series.times.length)
      : undefined;
  const split = splitSeries(series, { ...options, ahead: options.forecast ?? 1 }, order);
  const columns = series.columns.length;
  const scaling = options.standardise
    ? standardisation(split.columns, split.learned.length + options.lookBack)
    : { mean: new Float64Array(columns), scale: new Float64Array(columns).fill(1) };
  const shape: LstmShape = {
    features: columns,
    units: options.units,
    lookBack: options.lookBack,
    steps: options.forecast ?? options.lookBack,
    activation: options.activation,
  };
  const training = await startTraining(shape, options, standardise(split.columns, scaling), split);
  try {
    say(described(shape, split));
    const { progress, interrupted } = await learn(training, split, options);
    if (interrupted) {
      say(`stopped after epoch ${progress.history.length}; --resume goes on`);
      return EXIT.interrupted;
    }
    const everyMs = (series.times[1] as number) - (series.times[0] as number);
    const model = modelOf(training, split, options, { ...scaling, sensors: series.sensors, everyMs });
    const bytes = saveLstm(model);
    writeFileAtomic(options.out, bytes);
    if (options.onnx !== undefined) writeFileAtomic(options.onnx, lstmToOnnx(model));
    const result = {
      model: options.out,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      parameters: countParameters(shape),
      rows: { train: split.trainRows, test: split.testRows },
      windows: {
        train: split.learned.length + split.validated.length,
        learned: split.learned.length,
        validated: split.validated.length,
        test: split.tested.length,
      },
      epochs: progress.history,
      testLoss: meanOf(training.score(split.tested)),
      seconds: Math.round(performance.now() - started) / 1000,
    };
    process.stdout.write(options.output === 'json' ? `${JSON.stringify(result)}\n` : resultText(result));
    if (options.plot === true) {
      const drawing = drawTraining(progress.history, model, split);
      (options.output === 'json' ? process.stderr : process.stdout).write(drawing);
    }
    return EXIT.done;
  } finally {
    training.stop();
  }
}

/** Told before the training, not after it. */
function requireFolder(path: string): void {
  const folder = dirname(path);
  if (existsSync(folder)) return;
  throw new LinnetError('io.not-found', `cannot write ${path}: there is no folder ${folder}`);
}

async function startTraining(
  shape: LstmShape,
  options: TrainLstmOptions,
  table: Float32Array,
  { learned, validated, tested }: Split,
): Promise<LstmTraining> {
  const threads = options.threads ?? Math.min(2, availableParallelism());
  const settings: LstmSettings = {
    head: options.forecast === undefined ? 'reconstruct' : 'forecast',
    batch: options.batch,
    rate: options.rate,
    seed: options.seed,
    arithmetic: options.strict === true || !hasRelaxedSimd() ? 'strict' : 'relaxed',
  };
  const most = Math.max(learned.length + validated.length, tested.length);
  const training = new LstmTraining(shape, settings, table, most, { threads });
  await startLstmCrew(training.job);
  return training;
}

async function learn(
  training: LstmTraining,
  { learned, validated }: Split,
  { epochs, patience, resume, out }: TrainLstmOptions,
): Promise<{ progress: Progress; interrupted: boolean }> {
  const checkpoint = `${out}.checkpoint`;
  const progress = resume === true ? readCheckpoint(checkpoint, training) : { history: [], best: undefined };
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
  };
  process.once('SIGINT', interrupt);
  let saved = performance.now();
  const bar = new EpochBar(process.stderr, epochs);
  for (let epoch = progress.history.length + 1; epoch <= epochs; epoch++) {
    const [bestEpoch, bestLoss] = bestOf(progress);
    if (patience !== undefined && epoch - 1 - bestEpoch >= patience && epoch > 1) {
      say(`stopped early: no better validation loss since epoch ${bestEpoch}`);
      break;
    }
    const loss = training.learn(learned);
    const validationLoss = meanOf(training.score(validated));
    if (!Number.isFinite(loss)) {
      throw new LinnetError(
        'data.invalid',
        `the loss is ${loss} in epoch ${epoch}: lower --rate, or standardise`,
      );
    }
    progress.history.push({ loss, validationLoss });
    if (patience !== undefined && validationLoss < bestLoss)
      progress.best = { epoch, state: training.snapshot() };
    if (performance.now() - saved > CHECKPOINT_MS) {
      writeCheckpoint(checkpoint, training, progress);
      saved = performance.now();
    }
    bar.show(epoch, loss, validationLoss);
    // Lets Ctrl-C come through.
    await setImmediate();
    if (interrupted && epoch < epochs) break;
  }
  process.off('SIGINT', interrupt);
  writeCheckpoint(checkpoint, training, progress);
  if (!interrupted && progress.best !== undefined) training.restore(progress.best.state);
  return { progress, interrupted: interrupted && progress.history.length < epochs };
}

function bestOf({ history }: Progress): [epoch: number, loss: number] {
  let [epoch, loss] = [0, Infinity];
  history.forEach(({ validationLoss }, i) => {
    if (validationLoss < loss) [epoch, loss] = [i + 1, validationLoss];
  });
  return [epoch, loss];
}

function modelOf(
  training: LstmTraining,
  { learned, validated }: Split,
  { falseAlarmRate }: TrainLstmOptions,
  data: Pick<LstmModel, 'mean' | 'scale' | 'sensors' | 'everyMs'>,
): LstmModel {
  const { shape, settings } = training.job;
  const errors = training.score([...learned, ...validated]);
  return {
    ...data,
    shape,
    head: settings.head,
    weights: training.network.weights(),
    thresholds: fitThresholds(errors, shape.features, falseAlarmRate),
    falseAlarmRate,
  };
}

function described(shape: LstmShape, { trainRows, testRows, learned, validated, tested }: Split): string {
  const count = (n: number): string => n.toLocaleString('en');
  const train = learned.length + validated.length;
  return (
    `${count(countParameters(shape))} parameters; train (${count(train)}, ${shape.lookBack}, ${shape.features}) from ` +
    `${count(trainRows)} rows, ${count(learned.length)} learned and ${count(validated.length)} validated; ` +
    `test (${count(tested.length)}, ${shape.lookBack}, ${shape.features}) from ${count(testRows)} rows`
  );
}

function resultText(result: {
  model: string;
  parameters: number;
  epochs: readonly { loss: number; validationLoss: number }[];
  testLoss: number;
  seconds: number;
}): string {
  const { model, epochs, testLoss, seconds } = result;
  const last = epochs.at(-1);
  return (
    `${model}: ${epochs.length} epochs in ${seconds.toFixed(1)} s, loss ${last?.loss.toPrecision(4)}, ` +
    `validation ${last?.validationLoss.toPrecision(4)}, test ${testLoss.toPrecision(4)}\n`
  );
}

function meanOf(errors: Float32Array): number {
  let sum = 0;
  for (const error of errors) sum += error;
  return sum / errors.length;
}

function say(text: string): void {
  process.stderr.write(`linnet: ${text}\n`);
}
