import { LinnetError } from '../../base/error.ts';
import { Autoregressive } from './autoregressive.ts';
import { Derivative } from './derivative.ts';
import { Forecast, type Forecaster } from './forecast.ts';
import { Hold } from './hold.ts';
import { Linear } from './linear.ts';
import { Lms } from './lms.ts';
import type { Predictor } from './predictor.ts';

/** In the order of their numbers in messages, which never change. */
export const PREDICTORS = ['hold', 'linear', 'lms', 'derivative', 'autoregressive', 'lstm'] as const;
export type PredictorName = (typeof PREDICTORS)[number];

/** A predictor as a message names it. */
export interface PredictorChoice {
  readonly name: PredictorName;
  /** Coefficients of `autoregressive`. */
  readonly coefficients?: readonly number[];
  /** Of `lstm`: the model's address, 64 hexadecimal digits. */
  readonly model?: string;
}

/** Finds a model by its address. */
export type FindForecaster = (model: string) => Forecaster | undefined;

export const noForecaster: FindForecaster = () => undefined;

/** @throws LinnetError `config.unknown` for a model that is not here */
export function makePredictor(choice: PredictorChoice, units: Float64Array, find: FindForecaster): Predictor {
  switch (choice.name) {
    case 'hold':
      return new Hold(units.length);
    case 'linear':
      return new Linear(units.length);
    case 'lms':
      return new Lms(units.length);
    case 'derivative':
      return new Derivative(units.length);
    case 'autoregressive':
      return new Autoregressive(units.length, choice.coefficients ?? []);
    case 'lstm': {
      const forecaster = find(choice.model ?? '');
      if (forecaster !== undefined) return new Forecast(forecaster, units);
      throw new LinnetError('config.unknown', `no model ${choice.model ?? ''} is here: give its file`);
    }
  }
}

/** What a stored value says of its origin. */
export function nameOf({ name, model }: PredictorChoice): string {
  return model === undefined ? name : `${name}:${model.slice(0, 12)}`;
}
