import { clampUnits, NONE } from '../fixed-point.ts';
import type { Predictor, Span } from './predictor.ts';

/** Instants that a line is learned from, and values averaged at each of its two ends. */
const WINDOW = 20;
const EDGE = 3;
const SLOPE_MAX = 2 ** 30;
/** A line is not drawn further than this. */
const AHEAD_MAX = 512;

/**
 * Derivative-based prediction after Raza, Camerra, Murphy, Palpanas and Picco, "Practical data prediction for real-world wireless
 * sensor networks", TKDE 27(8), 2015: a line whose slope joins the means of the first and the last three values of the last
 * 20 instants. Departures: both ends compute the slope from what the cloud has, so that it costs no byte, and the line starts at the
 * last exact value. Their tolerance in time is an option of the link, for every predictor. State: 88 bytes a channel.
 */
export class Derivative implements Predictor {
  /** Slopes (2^-16 units an instant), levels, instants since; then the window, oldest row first. */
  readonly state: Int32Array;
  private readonly channels: number;

  constructor(channels: number) {
    this.channels = channels;
    this.state = new Int32Array(channels * (3 + WINDOW)).fill(NONE);
    this.state.fill(0, 0, channels).fill(0, channels * 2, channels * 3);
  }

  predict(ahead: number, out: Int32Array, at: number): void {
    const { state, channels } = this;
    for (let j = 0; j < channels; j++) {
      const level = state[channels + j] as number;
      const steps = Math.min(AHEAD_MAX, ahead + (state[channels * 2 + j] as number));
      const slope = state[j] as number;
      out[at + j] = level === NONE ? NONE : clampUnits(level + Math.floor((slope * steps) / 65_536 + 0.5));
    }
  }

  settle({ rows, count, anchors }: Span): void {
    const { state, channels } = this;
    const window = state.subarray(channels * 3);
    const fresh = Math.min(count, WINDOW);
    window.copyWithin(0, fresh * channels);
    window.set(rows.subarray((count - fresh) * channels, count * channels), (WINDOW - fresh) * channels);
    for (let j = 0; j < channels; j++) {
      const anchor = anchors[j] as number;
      if (anchor < 0) {
        state[channels * 2 + j] = Math.min(2 ** 30, (state[channels * 2 + j] as number) + count);
        continue;
      }
      state[channels + j] = rows[anchor * channels + j] as number;
      state[channels * 2 + j] = count - 1 - anchor;
      state[j] = slopeOf(window, j, channels);
    }
  }
}

/** 0 where fewer than half of the window's values are there. */
function slopeOf(window: Int32Array, channel: number, channels: number): number {
  let [known, early, late, earlyAt, lateAt] = [0, 0, 0, 0, 0];
  for (let i = 0; i < WINDOW && known < EDGE; i++) {
    const value = window[i * channels + channel] as number;
    if (value === NONE) continue;
    early += value;
    earlyAt += i;
    known++;
  }
  let seen = 0;
  for (let i = WINDOW - 1; i >= 0 && seen < EDGE; i--) {
    const value = window[i * channels + channel] as number;
    if (value === NONE) continue;
    late += value;
    lateAt += i;
    seen++;
  }
  const apart = lateAt - earlyAt;
  if (seen < EDGE || apart * 2 < WINDOW * EDGE) return 0;
  const slope = Math.floor(((late - early) * 65_536) / apart);
  return Math.max(-SLOPE_MAX, Math.min(SLOPE_MAX, slope));
}
