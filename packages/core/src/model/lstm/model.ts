import { LinnetError } from '../../base/error.ts';
import { SnapshotReader, SnapshotWriter } from '../../base/snapshot.ts';
import { bytesFloats, floatBytes } from './float-bytes.ts';
import { planLstm, type LstmShape } from './layout.ts';
import type { LstmHead } from './train.ts';

/** A trained encoder-decoder with all that is needed to run it elsewhere. Plain data: loading it runs no code. */
export interface LstmModel {
  readonly shape: LstmShape;
  readonly head: LstmHead;
  /** Names of the features, in the order of a row. */
  readonly sensors: readonly string[];
  /** Time from a row to the next. */
  readonly everyMs: number;
  /** A value enters the network as (value - mean) / scale. */
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  /** In Keras' order and layout: kernel, recurrent kernel, bias of encoder, decoder, dense; gates i, f, g, o. */
  readonly weights: readonly Float32Array[];
  /** A sensor's error above it is an anomaly; from the training errors at `falseAlarmRate`. */
  readonly thresholds: Float64Array;
  /** False alarms a window that the thresholds were set for, all sensors together. */
  readonly falseAlarmRate: number;
}

const NAME = 'lstm';
const VERSION = 1;

/** The bytes of a model file: versioned, with a checksum. */
export function saveLstm(model: LstmModel): Uint8Array<ArrayBuffer> {
  const { shape, head, sensors, everyMs, falseAlarmRate } = model;
  const { features, units, lookBack, steps, activation } = shape;
  const writer = new SnapshotWriter(NAME, VERSION);
  for (const size of [features, units, lookBack, steps]) writer.u32(size);
  writer.text(activation).text(head).text(JSON.stringify(sensors)).f64(everyMs).f64(falseAlarmRate);
  writer.f64s(model.mean).f64s(model.scale).f64s(model.thresholds);
  for (const weights of model.weights) writer.blob(floatBytes(weights));
  return writer.finish();
}

/** @throws LinnetError `snapshot.invalid` when the bytes are damaged, cut short or no LSTM model */
export function loadLstm(bytes: Uint8Array): LstmModel {
  const reader = new SnapshotReader(bytes, NAME, VERSION);
  const [features, units, lookBack, steps] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
  const activation = oneOf(['relu', 'tanh'] as const, reader.text());
  const head = oneOf(['reconstruct', 'forecast'] as const, reader.text());
  const sensors = names(reader.text(), features);
  const [everyMs, falseAlarmRate] = [reader.f64(), reader.f64()];
  const [mean, scale, thresholds] = [reader.f64s(), reader.f64s(), reader.f64s()];
  const shape: LstmShape = { features, units, lookBack, steps, activation };
  const plans = planLstm(shape, 1, false).weights;
  const weights = plans.map(() => bytesFloats(reader.blob()));
  reader.finish();
  const whole =
    [mean, scale, thresholds].every((row) => row.length === features) &&
    weights.every((floats, i) => floats.length === (plans[i]?.rows ?? 0) * (plans[i]?.columns ?? 0));
  const finite = [mean, scale, ...weights].every((row) => row.every(Number.isFinite));
  if (!whole || !finite) throw invalid('its numbers do not fit its shape');
  return { shape, head, sensors, everyMs, mean, scale, weights, thresholds, falseAlarmRate };
}

function oneOf<const T extends string>(choices: readonly T[], text: string): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw invalid(`${JSON.stringify(text)} is none of ${choices.join(', ')}`);
  return found;
}

function names(text: string, count: number): string[] {
  const list: unknown = JSON.parse(text);
  const good = Array.isArray(list) && list.length === count && list.every((name) => typeof name === 'string');
  if (!good) throw invalid(`it does not name ${count} sensors`);
  return list as string[];
}

function invalid(why: string): LinnetError {
  return new LinnetError('snapshot.invalid', `cannot load the LSTM model: ${why}`);
}

/** Mean and spread of each column over the first `rows` rows; a column that never changes gets a scale of 1. */
export function standardisation(
  columns: readonly Float64Array[],
  rows: number,
): { mean: Float64Array; scale: Float64Array } {
  const part = columns.map((column) => column.subarray(0, rows));
  const mean = Float64Array.from(part, (column) => column.reduce((sum, x) => sum + x, 0) / rows);
  const scale = Float64Array.from(part, (column, i) => {
    const variance = column.reduce((sum, x) => sum + (x - (mean[i] as number)) ** 2, 0) / rows;
    return variance > 0 ? Math.sqrt(variance) : 1;
  });
  return { mean, scale };
}

/** Columns as rows of standardised values, as the network takes them. */
export function standardise(
  columns: readonly Float64Array[],
  { mean, scale }: Pick<LstmModel, 'mean' | 'scale'>,
): Float32Array<ArrayBuffer> {
  const features = columns.length;
  const table = new Float32Array((columns[0]?.length ?? 0) * features);
  columns.forEach((column, j) => {
    const [m, s] = [mean[j] as number, scale[j] as number];
    for (let i = 0; i < column.length; i++) table[i * features + j] = ((column[i] as number) - m) / s;
  });
  return table;
}
