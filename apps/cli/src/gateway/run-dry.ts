import { LinnetError, type Series } from '@linnet/core';
import { HEARTBEAT, PREDICTORS, type Choice, type PredictorName } from '@linnet/core/transmit';
import { dryRun, openModel, plainReadingBytes, type DryRun, type Model } from '@linnet/gateway';
import { drawLine } from '../prepare/draw-line.ts';
import { textTable } from '../text-table.ts';
import { epsilonRuns, type Epsilons } from './epsilons.ts';
import { loadSeries, type LoadOptions } from './load-series.ts';

export interface DryRunCommand extends LoadOptions {
  readonly dryRun: string;
  readonly epsilon?: Epsilons;
  readonly deadline?: readonly number[];
  readonly heartbeat?: number;
  readonly tolerance?: number;
  readonly predictor?: PredictorName | 'auto';
  readonly model?: string;
  readonly plot?: true;
  readonly output: 'text' | 'json';
}

const EPSILONS: Epsilons = { kind: 'numbers', numbers: [0.1, 0.2, 0.5] };
const DEADLINES = [4];
const PLOTS_MAX = 16;

interface Run {
  readonly predictor: PredictorName | 'auto';
  readonly result: DryRun;
}

/** `linnet gateway --dry-run`: what a link would carry for a recorded series, by predictor and with the choice left to the numbers. */
export async function runDry(command: DryRunCommand): Promise<void> {
  const { deadline: deadlines = DEADLINES, output, value } = command;
  const model = command.model === undefined ? undefined : openModel(command.model);
  const names = predictorsOf(command, model);
  const series = await loadSeries(command.dryRun, command);
  if (model !== undefined && model.sensors.length !== series.sensors.length) {
    const [has, wants] = [series.sensors.length, model.sensors.length];
    throw new LinnetError('config.invalid', `--model foretells ${wants} sensors, the file has ${has}`);
  }
  const runs = epsilonRuns(command.epsilon ?? EPSILONS, series.sensors, value);
  const plain = plainOf(series, value);
  if (output === 'text') process.stdout.write(headOf(series, plain));
  let shownLast: { best: Run; title: string } | undefined;
  for (const deadline of deadlines) {
    for (const { shown, bySensor } of runs) {
      const results: Run[] = [];
      for (const predictor of names) {
        const result = dryRun(series, {
          epsilons: bySensor,
          deadline,
          heartbeat: Math.max(command.heartbeat ?? HEARTBEAT, deadline + 1),
          tolerance: command.tolerance ?? 0,
          predictor: choiceOf(predictor, model),
          ...(model !== undefined && { find: model.find, models: [model.address] }),
          ...(results.length > 0 && { candidates: results.map(({ result: { recording } }) => recording) }),
        });
        results.push({ predictor, result });
      }
      const best = bestOf(results);
      const title = `epsilon ${typeof shown === 'number' ? shown : JSON.stringify(shown)}, deadline ${deadline}`;
      process.stdout.write(
        output === 'json'
          ? jsonLine(shown, deadline, series, plain, best)
          : `\n${title}\n${tableOf(results, series, plain, best)}`,
      );
      shownLast = { best, title };
    }
  }
  if (command.plot !== true || shownLast === undefined) return;
  (output === 'json' ? process.stderr : process.stdout).write(
    plotOf(series, shownLast.best, shownLast.title),
  );
}

function predictorsOf({ predictor }: DryRunCommand, model: Model | undefined): (PredictorName | 'auto')[] {
  if (predictor === 'lstm' && model === undefined) {
    throw new LinnetError('usage', '--predictor lstm needs --model FILE: see linnet train lstm --forecast');
  }
  if (predictor !== undefined) return [predictor];
  return [...PREDICTORS.filter((name) => name !== 'lstm' || model !== undefined), 'auto'];
}

function choiceOf(predictor: PredictorName | 'auto', model: Model | undefined): Choice {
  if (predictor === 'auto') return 'auto';
  return predictor === 'lstm' && model !== undefined
    ? { name: 'lstm', model: model.address }
    : { name: predictor };
}

/** The one that sends the fewest messages; of equals the one that sends the fewest bytes. */
function bestOf(runs: readonly Run[]): Run {
  return runs.reduce((best, run) =>
    run.result.messages < best.result.messages ||
    (run.result.messages === best.result.messages && run.result.bytes < best.result.bytes)
      ? run
      : best,
  );
}

interface Plain {
  readonly readings: number;
  readonly bytes: number;
}

/** Every reading as JSON in a message of its own. */
function plainOf({ sensors, columns }: Series, measure: string): Plain {
  let [readings, bytes] = [0, 0];
  columns.forEach((column, j) => {
    const bytesOf = plainReadingBytes(sensors[j] as string, measure);
    for (const value of column) {
      if (Number.isNaN(value)) continue;
      readings++;
      bytes += bytesOf(value);
    }
  });
  return { readings, bytes };
}

function headOf({ times, sensors }: Series, { readings, bytes }: Plain): string {
  const count = (n: number): string => n.toLocaleString('en');
  return (
    `${count(readings)} readings in ${count(times.length)} instants of ${sensors.length} sensors\n` +
    `as JSON, a message a reading: ${count(readings)} messages, ${count(bytes)} bytes with MQTT's own\n`
  );
}

const COLUMNS = [
  'predictor',
  'messages',
  'data',
  'heartbeats',
  'of instants',
  'not sent',
  'readings predicted',
  'payload',
  'bytes',
  'of JSON',
  'in frames',
  'largest error',
].map((title, i) => ({ title, align: i === 0 ? ('left' as const) : ('right' as const) }));

function tableOf(runs: readonly Run[], { times }: Series, plain: Plain, best: Run): string {
  const percent = (part: number, whole: number): string =>
    whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)}%`;
  const rows = runs.map((run) => {
    const { messages, counts, predicted, payloadBytes, bytes, maxError } = run.result;
    return [
      run === best ? `${run.predictor} *` : run.predictor,
      messages,
      counts.data,
      counts.heartbeats,
      percent(messages, times.length),
      percent(times.length - messages, times.length),
      percent(predicted, plain.readings),
      messages === 0 ? '-' : (payloadBytes / messages).toFixed(1),
      bytes,
      percent(bytes, plain.bytes),
      run.result.framed,
      maxError.toPrecision(4),
    ].map(String);
  });
  return textTable(COLUMNS, rows);
}

function jsonLine(
  epsilon: unknown,
  deadline: number,
  { times }: Series,
  { readings, bytes: plainBytes }: Plain,
  { result: { messages, bytes, maxError } }: Run,
): string {
  const instants = times.length;
  return `${JSON.stringify({ epsilon, deadline, readings, instants, messages, bytes, plainBytes, maxError })}\n`;
}

function plotOf({ sensors, columns, times }: Series, { predictor, result }: Run, title: string): string {
  const iso = (time: number | undefined): string => new Date(time ?? Number.NaN).toISOString();
  const drawn = sensors
    .slice(0, PLOTS_MAX)
    .map((sensor, j) => {
      const [real, stored] = [columns[j] as Float64Array, result.stored[j] as Float64Array];
      const error = real.map((value, i) => (stored[i] as number) - value);
      return `\nsensor ${sensor}: real\n${drawLine([real])}what the cloud has\n${drawLine([stored])}cloud minus real\n${drawLine([error], { height: 4 })}`;
    })
    .join('');
  const rest = sensors.length > PLOTS_MAX ? `and ${sensors.length - PLOTS_MAX} sensors more\n` : '';
  return `\n${title}, ${predictor}\n${drawn}${rest}${iso(times[0])} to ${iso(times.at(-1))}\n`;
}
