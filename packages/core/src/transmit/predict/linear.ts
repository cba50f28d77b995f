import { clampUnits, NONE } from '../fixed-point.ts';
import { dampedSums, lookUp, type Predictor, type Span } from './predictor.ts';

/** A trend fades to 61/64 of itself from instant to instant; sums in units of 2^-16. */
const FADE = dampedSums(61, 6);
/** How much a trend over k instants counts against what was known: 1 - (15/16)^k, in units of 2^-16. */
const WEIGHTS = weights();
const SLOPE_MAX = 2 ** 30;
const FIELDS = 3;

/**
 * The last value and a damped trend, learned from one exact value to the next: Holt's method with the fading trend of Gardner and
 * McKenzie (1985), on values that are unevenly apart. State: 12 bytes a channel.
 */
export class Linear implements Predictor {
  /** By channel: level in units, trend in 2^-16 units an instant, instants since the level. */
  readonly state: Int32Array;
  private readonly channels: number;

  constructor(channels: number) {
    this.channels = channels;
    this.state = new Int32Array(channels * FIELDS);
    for (let j = 0; j < channels; j++) this.state[j * FIELDS] = NONE;
  }

  predict(ahead: number, out: Int32Array, at: number): void {
    const { state, channels } = this;
    for (let j = 0; j < channels; j++) {
      const level = state[j * FIELDS] as number;
      const slope = state[j * FIELDS + 1] as number;
      const faded = lookUp(FADE, ahead + (state[j * FIELDS + 2] as number));
      out[at + j] = level === NONE ? NONE : clampUnits(level + Math.floor((slope * faded) / 2 ** 32 + 0.5));
    }
  }

  settle({ rows, count, anchors }: Span): void {
    const { state, channels } = this;
    for (let j = 0; j < channels; j++) {
      const base = j * FIELDS;
      const anchor = anchors[j] as number;
      const age = state[base + 2] as number;
      if (anchor < 0) {
        state[base + 2] = Math.min(age + count, 2 ** 30);
        continue;
      }
      const value = rows[anchor * channels + j] as number;
      const level = state[base] as number;
      if (level !== NONE) {
        const apart = age + anchor + 1;
        const slope = state[base + 1] as number;
        const now = Math.floor(((value - level) * 65_536) / apart);
        const learned = slope + Math.floor((lookUp(WEIGHTS, apart) * (now - slope)) / 65_536);
        state[base + 1] = Math.max(-SLOPE_MAX, Math.min(SLOPE_MAX, learned));
      }
      state[base] = value;
      state[base + 2] = count - 1 - anchor;
    }
  }
}

function weights(): Int32Array {
  const table = new Int32Array(257);
  let rest = 65_536;
  for (let k = 1; k < table.length; k++) {
    rest = Math.floor((rest * 15) / 16);
    table[k] = 65_536 - rest;
  }
  return table;
}
