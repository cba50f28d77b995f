import { worstSensor } from './detect.ts';
import type { LstmModel } from './model.ts';
import { LstmRunner } from './runner.ts';

/** What is wrong with the newest window: the sensor whose error exceeds its threshold most. */
export interface LstmFinding {
  /** Index of the sensor. */
  readonly sensor: number;
  /** Mean squared error over the window, in standardised units. */
  readonly error: number;
  /** Error over threshold; above 1. */
  readonly ratio: number;
}

const FIRST = [0];

/**
 * A trained network over rows as they come. A missing value is the sensor's last one, and a sensor that is missing is not blamed. State:
 * one window. A row of nine sensors and 128 units takes some 0.05 ms.
 */
export class LstmDetector {
  readonly model: LstmModel;
  /** Rows of a window, with what a forecaster foretells after it. */
  readonly rows: number;
  private readonly runner: LstmRunner;
  /** Standardised rows, oldest first. */
  private readonly window: Float32Array;
  private readonly last: Float64Array;
  /** Rows since the window began. */
  private seen = 0;

  /** @param model with either head: a forecaster's error is that of its newest forecast */
  constructor(model: LstmModel) {
    const { features, lookBack, steps } = model.shape;
    this.model = model;
    this.runner = new LstmRunner(model);
    this.rows = lookBack + (model.head === 'forecast' ? steps : 0);
    this.window = new Float32Array(this.rows * features);
    this.last = new Float64Array(features).fill(Number.NaN);
  }

  /**
   * @param row a value a sensor, in the model's order; NaN for missing
   * @returns undefined where nothing is wrong, and until every sensor has been seen and the window is full
   */
  push(row: Float64Array): LstmFinding | undefined {
    const { window, last } = this;
    const { mean, scale, thresholds } = this.model;
    const features = last.length;
    for (let j = 0; j < features; j++) if (Number.isFinite(row[j])) last[j] = row[j] as number;
    if (last.some(Number.isNaN)) return undefined;
    window.copyWithin(0, features);
    const newest = window.length - features;
    for (let j = 0; j < features; j++) {
      window[newest + j] = ((last[j] as number) - (mean[j] as number)) / (scale[j] as number);
    }
    if (++this.seen < this.rows) return undefined;
    const errors = this.runner.errors(window, FIRST);
    const worst = worstSensor(errors, 0, thresholds, row);
    return worst && { ...worst, error: errors[worst.sensor] as number };
  }

  /** Begins a new window, after a time without rows. */
  clear(): void {
    this.seen = 0;
    this.last.fill(Number.NaN);
  }
}
