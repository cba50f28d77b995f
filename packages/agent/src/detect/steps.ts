/**
 * The steps of a number: how far each value is from the median of the five before it, and how far that usually is.
 *
 * The median, so that a spike is one strange step and not two. The usual step grows within 20 readings and shrinks over 200: a light that
 * was switched on, or a windy hour, is then known for a while.
 */
export const REFERENCE = 5;
const GROWTH = 0.05;
const DECAY = 0.005;
/** Of the usual step: one strange step makes the next no less strange. */
const LEARNED_MAX = 10;
/** Below this part of a value a difference is rounding. */
const ROUNDING = 1e-6;
/** Part of a value that counts as a step where there never was any. */
const STILL = 1e-3;
/** Values in a row that never fell make a counter. */
const COUNTER = 50;

export class Steps {
  private readonly last: number[] = [];
  private usual = 0;
  private middle = 0;
  /** The smallest difference of one value to the next: what the sensor can tell apart. */
  private resolution = Infinity;
  /** Of the newest value; counts from the next one on, so that no value is measured by itself. */
  private newest = Infinity;
  /** Values since the last that fell, and how many of them rose. */
  private sinceFall = 0;
  private rises = 0;

  /** @returns the step to this value; undefined for the first ones, and where a counter begins anew */
  next(value: number): number | undefined {
    const { last } = this;
    const before = last.at(-1) ?? value;
    this.resolution = Math.min(this.resolution, this.newest);
    const difference = Math.abs(value - before);
    this.newest = difference > Math.abs(value) * ROUNDING ? difference : Infinity;
    const restarted = this.restarts(before, value);
    if (restarted) last.length = 0;
    const known = last.length === REFERENCE;
    if (known) {
      this.middle = median(last);
      last.shift();
    }
    last.push(value);
    return known ? value - this.middle : undefined;
  }

  /** What one is, in the sensor's own unit. */
  get unit(): number {
    const finest = this.resolution === Infinity ? 0 : this.resolution;
    return Math.max(this.usual, finest) || Math.abs(this.middle) * STILL || 1;
  }

  begin(steps: readonly number[]): void {
    this.usual = steps.reduce((sum, step) => sum + Math.abs(step), 0) / steps.length;
  }

  learn(step: number): void {
    const size = Math.min(Math.abs(step), this.unit * LEARNED_MAX);
    this.usual += (size > this.usual ? GROWTH : DECAY) * (size - this.usual);
  }

  /** A number that only ever rose is a counter; when it falls, what it counts has begun anew. */
  private restarts(before: number, value: number): boolean {
    if (value >= before) {
      this.sinceFall++;
      if (value > before) this.rises++;
      return false;
    }
    const counter = this.sinceFall >= COUNTER && this.rises * 2 >= this.sinceFall;
    this.sinceFall = 0;
    this.rises = 0;
    return counter;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
