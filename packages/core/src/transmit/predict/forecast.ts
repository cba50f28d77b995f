import { LinnetError } from '../../base/error.ts';
import { clampUnits, NONE } from '../fixed-point.ts';
import type { Predictor, Span } from './predictor.ts';

/** A model that foretells rows from rows, the same bits on every machine: `LstmRunner` in strict arithmetic is one. */
export interface Forecaster {
  readonly lookBack: number;
  readonly steps: number;
  readonly channels: number;
  /** `lookBack` rows of values, oldest first, to the next `steps` rows. */
  run(values: ArrayLike<number>): ArrayLike<number>;
}

/**
 * Forecasts of a network from the last rows that the cloud has; further ahead from its own forecasts. What it adds to the last value is the
 * forecast's change since its first row: a network's level is off by more than an instant changes. While a channel never had a value, the
 * last value holds. State: 4 bytes a channel and row looked back on.
 */
export class Forecast implements Predictor {
  /** The last `lookBack` rows, oldest first. */
  readonly state: Int32Array;
  private readonly forecaster: Forecaster;
  private readonly units: Float64Array;
  private readonly window: Float64Array;
  private readonly foretold: Int32Array;

  constructor(forecaster: Forecaster, units: Float64Array) {
    const { lookBack, steps, channels } = forecaster;
    if (channels !== units.length) {
      throw new LinnetError(
        'config.invalid',
        `the model foretells ${channels} channels, the link has ${units.length}`,
      );
    }
    this.forecaster = forecaster;
    this.units = units;
    this.state = new Int32Array(lookBack * channels).fill(NONE);
    this.window = new Float64Array(lookBack * channels);
    this.foretold = new Int32Array(steps * channels);
  }

  predict(ahead: number, out: Int32Array, at: number): void {
    const { steps, channels } = this.forecaster;
    const row = (ahead - 1) % steps;
    if (ahead === 1) this.start();
    if (row === 0) this.run();
    for (let j = 0; j < channels; j++) out[at + j] = this.foretold[row * channels + j] as number;
  }

  settle({ rows, count, anchors }: Span): void {
    const { state } = this;
    const channels = anchors.length;
    const last = state.length - channels;
    for (let i = 0; i < count; i++) {
      state.copyWithin(0, channels);
      for (let j = 0; j < channels; j++) {
        const value = rows[i * channels + j] as number;
        if (value === NONE) continue;
        if (state[last + j] === NONE) this.fillChannel(j, value);
        state[last + j] = value;
      }
    }
  }

  private fillChannel(channel: number, value: number): void {
    for (let at = channel; at < this.state.length; at += this.units.length) this.state[at] = value;
  }

  private start(): void {
    const { state, window, units } = this;
    for (let i = 0; i < window.length; i++) {
      const value = state[i] as number;
      window[i] = value === NONE ? Number.NaN : value * (units[i % units.length] as number);
    }
  }

  /** Foretells `steps` rows, and moves the window on over them. */
  private run(): void {
    const { window, units, foretold, forecaster, state } = this;
    const { steps, channels, lookBack } = forecaster;
    if (window.some(Number.isNaN)) {
      for (let i = 0; i < foretold.length; i++) {
        foretold[i] = state[(lookBack - 1) * channels + (i % channels)] as number;
      }
      return;
    }
    const output = forecaster.run(window);
    const last = window.subarray((lookBack - 1) * channels);
    for (let i = 0; i < foretold.length; i++) {
      const j = i % channels;
      const change = (output[i] as number) - (output[j] as number);
      const value = Math.round(((last[j] as number) + change) / (units[j] as number));
      foretold[i] = Number.isFinite(value)
        ? clampUnits(value)
        : (state[state.length - channels + j] as number);
    }
    const kept = Math.max(0, lookBack - steps);
    window.copyWithin(0, (lookBack - kept) * channels);
    for (let i = kept; i < lookBack; i++) {
      for (let j = 0; j < channels; j++) {
        const value = foretold[(steps - lookBack + i) * channels + j] as number;
        window[i * channels + j] = value * (units[j] as number);
      }
    }
  }
}
