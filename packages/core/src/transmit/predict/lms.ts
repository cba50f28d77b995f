import { NONE } from '../fixed-point.ts';
import { Increments } from './increments.ts';
import type { Predictor, Span } from './predictor.ts';

const TAPS = 4;
/** Step of the learning, as a part of 64. */
const RATE = 4;
const TAP_MAX = 65_536;
const ERROR_MAX = 4095;

/**
 * Least mean squares after Santini and Römer, "An adaptive strategy for quality-based data reduction in wireless sensor networks", INSS 2006,
 * with the step normalised and the filter on increments, so that it begins as "the last value holds". Both ends learn from what
 * the cloud has. State: 36 bytes a channel.
 */
export class Lms implements Predictor {
  /** Four taps a channel, then the last five values a channel. */
  readonly state: Int32Array;
  private readonly taps: Int32Array;
  private readonly increments: Increments;

  constructor(channels: number) {
    this.state = new Int32Array(channels * (TAPS * 2 + 1)).fill(NONE);
    this.taps = this.state.subarray(0, channels * TAPS).fill(0);
    this.increments = new Increments(this.state.subarray(channels * TAPS), channels, TAPS);
  }

  predict(ahead: number, out: Int32Array, at: number): void {
    this.increments.predict(ahead, this.taps, TAPS, out, at);
  }

  settle({ rows, count, anchors }: Span): void {
    const channels = anchors.length;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < channels; j++) {
        const expected = this.increments.expected(j, this.taps, j * TAPS);
        const value = rows[i * channels + j] as number;
        if (value === NONE && expected === NONE) continue;
        if (value !== NONE && expected !== NONE && value !== expected) this.learn(j, value - expected);
        this.increments.push(j, value === NONE ? expected : value);
      }
    }
  }

  private learn(channel: number, miss: number): void {
    const { taps, increments } = this;
    const error = Math.max(-ERROR_MAX, Math.min(ERROR_MAX, miss));
    let power = 64;
    for (let i = 0; i < TAPS; i++) power += bounded(increments.increment(channel, i)) ** 2;
    for (let i = 0; i < TAPS; i++) {
      const at = channel * TAPS + i;
      const step = (RATE * 1024 * error * bounded(increments.increment(channel, i))) / power;
      taps[at] = Math.max(-TAP_MAX, Math.min(TAP_MAX, (taps[at] as number) + Math.floor(step + 0.5)));
    }
  }
}

function bounded(increment: number): number {
  return Math.max(-ERROR_MAX, Math.min(ERROR_MAX, increment));
}
