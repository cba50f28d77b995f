import { LinnetError } from '@linnet/core/base';
import { LstmDetector, type LstmModel } from '@linnet/core/lstm';
import type { Anomaly, Detector } from './detector.ts';

const NONE: readonly Anomaly[] = [];
/** Windows' lengths after which a sensor that was never heard is told. */
const PATIENCE = 10;

export interface WindowsOptions {
  /** Which the model was trained on. */
  readonly measure: string;
  readonly everyMs: number;
  readonly onTrouble?: (message: string) => void;
}

/**
 * Windows that a trained LSTM cannot put together again, or did not foretell. The sensor is named whose error is furthest above its
 * threshold, once for each run of such windows: a single strange value stays in `lookBack` of them. The score is error over threshold.
 */
export class Windows implements Detector {
  private readonly detector: LstmDetector;
  private readonly options: WindowsOptions;
  private readonly row: Float64Array;
  /** Instant of a sensor's newest alarm. */
  private readonly alarmed: Float64Array;
  private next = Number.NaN;
  private readonly unheard: Set<string>;
  private instants = 0;

  /** @throws LinnetError `config.invalid` when the model's rows are another time apart */
  constructor(model: LstmModel, options: WindowsOptions) {
    const { everyMs } = options;
    if (model.everyMs !== everyMs) {
      throw new LinnetError(
        'config.invalid',
        `the model that detects was trained on instants of ${model.everyMs} ms, not ${everyMs}: see --resample`,
      );
    }
    this.detector = new LstmDetector(model);
    this.options = options;
    this.unheard = new Set(model.sensors);
    this.row = new Float64Array(model.sensors.length);
    this.alarmed = new Float64Array(model.sensors.length).fill(Number.NEGATIVE_INFINITY);
  }

  judge(tick: number, means: ReadonlyMap<string, number>): readonly Anomaly[] {
    const { lookBack } = this.detector.model.shape;
    if (tick - this.next > lookBack) this.detector.clear();
    else for (let missing = this.next; missing < tick; missing++) this.look(missing, new Map());
    this.next = tick + 1;
    return this.look(tick, means);
  }

  private look(tick: number, means: ReadonlyMap<string, number>): readonly Anomaly[] {
    const { detector, row, alarmed } = this;
    const { measure } = this.options;
    const { sensors, shape } = detector.model;
    sensors.forEach((sensor, j) => {
      row[j] = means.get(`${sensor}:${measure}`) ?? Number.NaN;
      if (!Number.isNaN(row[j])) this.unheard.delete(sensor);
    });
    if (++this.instants === PATIENCE * shape.lookBack && this.unheard.size > 0) this.tellUnheard();
    const found = detector.push(row);
    if (found === undefined) return NONE;
    const isNew = tick - (alarmed[found.sensor] as number) > shape.lookBack;
    alarmed[found.sensor] = tick;
    return isNew ? [{ channel: `${sensors[found.sensor]}:${measure}`, score: found.ratio }] : NONE;
  }

  private tellUnheard(): void {
    const names = [...this.unheard].join(', ');
    this.options.onTrouble?.(
      `the model that detects waits for ${this.options.measure} of ${names}: nothing has come in ${this.instants} instants`,
    );
  }
}
