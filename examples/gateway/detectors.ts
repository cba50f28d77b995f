/** Three ways to score each sensor at each window, all held against thresholds that are fitted alike. */
import { halfSpaceTrees } from '@linnet/core';
import { LstmRunner, LstmTraining, standardisation, standardise, type LstmModel } from '@linnet/core/lstm';

const LOOK_BACK = 5;

/** Scores of windows × sensors; the window that starts at row i is row i. */
export interface Detector {
  readonly name: string;
  score(columns: readonly Float64Array[]): Float32Array;
}

/**
 * The encoder-decoder. `reconstruct` scores how badly a window is put together again, `forecast` how badly the row after it is
 * foretold.
 */
export function lstm(
  head: LstmModel['head'],
  sensors: readonly string[],
  columns: readonly Float64Array[],
  rows: number,
): Detector {
  const scaling = standardisation(columns, rows);
  const steps = head === 'forecast' ? 1 : LOOK_BACK;
  const shape = {
    features: sensors.length,
    units: 128,
    lookBack: LOOK_BACK,
    steps,
    activation: 'relu',
  } as const;
  // Strict: the figures below are the same on every machine.
  const settings = { head, batch: 32, rate: 0.001, seed: 42, arithmetic: 'strict' } as const;
  const windows = Int32Array.from({ length: rows - LOOK_BACK }, (_, i) => i);
  const training = new LstmTraining(shape, settings, standardise(columns, scaling), windows.length);
  for (let epoch = 0; epoch < 10; epoch++) training.learn(windows);
  const runner = new LstmRunner({
    ...scaling,
    shape,
    head,
    sensors,
    everyMs: 120_000,
    weights: training.network.weights(),
    thresholds: new Float64Array(sensors.length),
    falseAlarmRate: 1,
  });
  return {
    name: `LSTM, ${head}`,
    score(all) {
      const starts = Int32Array.from({ length: (all[0]?.length ?? 0) - LOOK_BACK }, (_, i) => i);
      return runner.errors(standardise(all, scaling), starts);
    },
  };
}

/** The largest |z| of a sensor's own values in the window. */
export function zScore(columns: readonly Float64Array[], rows: number): Detector {
  const { mean, scale } = standardisation(columns, rows);
  return {
    name: 'z-score',
    score: (all) =>
      worstOfWindow(all, (column, j) =>
        column.map((value) => Math.abs(value - (mean[j] as number)) / (scale[j] as number)),
      ),
  };
}

/** The largest score of a model a sensor in the window; each model goes on learning, as it would live. */
export function trees(columns: readonly Float64Array[], rows: number): Detector {
  const limits = columns.map((column) => {
    const seen = column.subarray(0, rows);
    return [Math.min(...seen), Math.max(...seen)] as const;
  });
  return {
    name: 'half-space trees',
    score: (all) =>
      worstOfWindow(all, (column, j) => {
        const [low, high] = limits[j] as readonly [number, number];
        const model = halfSpaceTrees({
          features: ['t'],
          trees: 25,
          height: 8,
          window: 720,
          seed: 42,
          limits: { t: [low - 5, high + 5] },
        }).create();
        return column.map((value) => {
          const score = model.ready ? model.scoreOne([value]) : 0;
          model.learnOne([value]);
          return score;
        });
      }),
  };
}

function worstOfWindow(
  columns: readonly Float64Array[],
  score: (column: Float64Array, sensor: number) => Float64Array,
): Float32Array {
  const sensors = columns.length;
  const windows = (columns[0]?.length ?? 0) - LOOK_BACK;
  const out = new Float32Array(windows * sensors);
  columns.forEach((column, j) => {
    const scores = score(column, j);
    for (let i = 0; i < windows; i++) out[i * sensors + j] = Math.max(...scores.subarray(i, i + LOOK_BACK));
  });
  return out;
}
