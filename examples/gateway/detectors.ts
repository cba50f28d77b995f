/** Three ways to score each sensor at each window, all held against thresholds that are fitted alike. */
import { halfSpaceTrees } from '@linnet/core';
import { LstmRunner, LstmTraining, standardisation, standardise, type LstmModel } from '@linnet/core/lstm';

const LOOK_BACK = 5;

/** Scores of windows × sensors; the window that starts at row i is row i. */
export interface Detector {
  readonly name: string;
  /** Rows from the start of a window to the one by which its score is known. */
  readonly known: number;
  score(columns: readonly Float64Array[]): Float32Array;
}

/** Ten epochs on the first rows: `reconstruct` puts windows together again, `forecast` foretells the row after one. */
export function trainLstm(
  head: LstmModel['head'],
  sensors: readonly string[],
  columns: readonly Float64Array[],
  rows: number,
): LstmModel {
  const scaling = standardisation(columns, rows);
  const steps = head === 'forecast' ? 1 : LOOK_BACK;
  const shape = {
    features: sensors.length,
    units: 128,
    lookBack: LOOK_BACK,
    steps,
    activation: 'relu',
  } as const;
  // Strict: the figures are the same on every machine.
  const settings = { head, batch: 32, rate: 0.001, seed: 42, arithmetic: 'strict' } as const;
  const windows = Int32Array.from({ length: rows - LOOK_BACK }, (_, i) => i);
  const training = new LstmTraining(shape, settings, standardise(columns, scaling), windows.length);
  for (let epoch = 0; epoch < 10; epoch++) training.learn(windows);
  return {
    ...scaling,
    shape,
    head,
    sensors,
    everyMs: 120_000,
    weights: training.network.weights(),
    thresholds: new Float64Array(sensors.length),
    falseAlarmRate: 1,
  };
}

/** How badly a window is put together again, or the row after it foretold. */
export function lstmDetector(name: string, model: LstmModel): Detector {
  const runner = new LstmRunner(model);
  return {
    name,
    known: model.head === 'forecast' ? LOOK_BACK : LOOK_BACK - 1,
    score(all) {
      const starts = Int32Array.from({ length: (all[0]?.length ?? 0) - LOOK_BACK }, (_, i) => i);
      return runner.errors(standardise(all, model), starts);
    },
  };
}

/** The largest |z| of a sensor's own values in the window. */
export function zScore(columns: readonly Float64Array[], rows: number): Detector {
  const { mean, scale } = standardisation(columns, rows);
  return {
    name: 'z-score',
    known: LOOK_BACK - 1,
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
    known: LOOK_BACK - 1,
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
