import type { LstmRunner } from './runner.ts';

/** Weight of the newest error in a sensor's usual error. */
const FADING = 0.03;
/** An error that is nothing, in standardised units. */
const FLOOR = 0.03;

/**
 * How badly a forecaster foretells each row: the absolute error of each sensor in standardised units, as a check of a SensorWatch. A
 * missing value is the one before it, and has no error.
 */
export class ForecastError {
  readonly name = 'forecast';
  readonly pooled = false;
  /** The errors of the newest row. */
  readonly errors: Float64Array;
  private readonly runner: LstmRunner;
  private readonly held: Float64Array;
  private rows = 0;

  /** @param runner of a model with the forecast head */
  constructor(runner: LstmRunner) {
    const { lookBack, features } = runner.model.shape;
    this.runner = runner;
    this.errors = new Float64Array(features);
    this.held = new Float64Array(lookBack * features);
  }

  push(row: Float64Array, scores: Float64Array): void {
    const { held, errors, runner } = this;
    const { shape, scale, mean } = runner.model;
    errors.fill(0);
    if (this.rows >= shape.lookBack) {
      const told = runner.run(held);
      for (let j = 0; j < row.length; j++) {
        const error = Math.abs((row[j] as number) - (told[j] as number)) / (scale[j] as number);
        errors[j] = Number.isNaN(error) ? 0 : error;
      }
    }
    held.copyWithin(0, row.length);
    const newest = held.length - row.length;
    for (let j = 0; j < row.length; j++) {
      const before = this.rows === 0 ? (mean[j] as number) : (held[newest - row.length + j] as number);
      held[newest + j] = Number.isNaN(row[j]) ? before : (row[j] as number);
    }
    this.rows++;
    scores.set(errors);
  }
}

/**
 * The same errors over what is usual right now: the sensor's own lately, and the median of all sensors in this row. Doors that open and a
 * sun that moves make all errors large; a fault makes one large. It comes after its ForecastError in the list of checks.
 */
export class RelativeError {
  readonly name = 'relative';
  readonly pooled = false;
  private readonly source: ForecastError;
  private readonly usual: Float64Array;

  constructor(source: ForecastError) {
    this.source = source;
    this.usual = new Float64Array(source.errors.length).fill(FLOOR);
  }

  push(row: Float64Array, scores: Float64Array): void {
    const { usual } = this;
    const { errors } = this.source;
    const median = errors.toSorted()[errors.length >> 1] as number;
    for (let j = 0; j < row.length; j++) {
      const [error, own] = [errors[j] as number, usual[j] as number];
      scores[j] = error / (own + median + FLOOR);
      if (!Number.isNaN(row[j])) usual[j] = own + FADING * (error - own);
    }
  }
}
