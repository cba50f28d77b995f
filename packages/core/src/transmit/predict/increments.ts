import { clampUnits, NONE } from '../fixed-point.ts';

/**
 * The last values of each channel, and a filter over their increments: next = last + sum of tap i times (value i - value i + 1),
 * taps in units of 2^-16. What lies further ahead is computed from the filter's own values.
 */
export class Increments {
  /** Newest first, `taps + 1` a channel; NONE until a channel has its first value. A part of the predictor's state. */
  private readonly values: Int32Array;
  private readonly forward: Int32Array;
  private readonly channels: number;
  private readonly length: number;

  constructor(values: Int32Array, channels: number, taps: number) {
    this.values = values;
    this.forward = new Int32Array(values.length);
    this.channels = channels;
    this.length = taps + 1;
  }

  /** Taps of channel j start at `taps[j * stride]`. */
  predict(ahead: number, taps: Int32Array, stride: number, out: Int32Array, at: number): void {
    const { forward, channels, length } = this;
    if (ahead === 1) forward.set(this.values);
    for (let j = 0; j < channels; j++) {
      const next = this.next(forward, j, taps, j * stride);
      out[at + j] = next;
      if (next === NONE) continue;
      forward.copyWithin(j * length + 1, j * length, (j + 1) * length - 1);
      forward[j * length] = next;
    }
  }

  /** What the filter says of the instant after the last. */
  expected(channel: number, taps: Int32Array, from: number): number {
    return this.next(this.values, channel, taps, from);
  }

  /** Increment `tap` of a channel, newest first. */
  increment(channel: number, tap: number): number {
    const at = channel * this.length + tap;
    return (this.values[at] as number) - (this.values[at + 1] as number);
  }

  push(channel: number, value: number): void {
    const { values, length } = this;
    const base = channel * length;
    if (values[base] === NONE) {
      values.fill(value, base, base + length);
      return;
    }
    values.copyWithin(base + 1, base, base + length - 1);
    values[base] = value;
  }

  private next(values: Int32Array, channel: number, taps: Int32Array, from: number): number {
    const base = channel * this.length;
    const last = values[base] as number;
    if (last === NONE) return NONE;
    // At most 8 × 2^17 × 2^31: whole numbers that a double holds.
    let sum = 0;
    for (let i = 0; i < this.length - 1; i++) {
      sum += (taps[from + i] as number) * ((values[base + i] as number) - (values[base + i + 1] as number));
    }
    return clampUnits(last + Math.floor(sum / 65_536 + 0.5));
  }
}
