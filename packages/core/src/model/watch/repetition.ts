import type { Check } from './check.ts';

/** Lags below it are not looked at: a value that swings to and fro repeats itself there. */
const LAG_MIN = 10;

/**
 * A replay: how many changes in a row are those of an earlier stretch, to the last digit. Noise does not come twice; a recording
 * does. State and time grow with sensors × memory.
 */
export class Repetition implements Check {
  readonly name = 'repetition';
  readonly pooled = true;
  private readonly memory: number;
  private readonly sensors: number;
  /** A ring of `memory` values a sensor. */
  private readonly past: Float64Array;
  /** By sensor and lag, changes in a row that agree. */
  private readonly agree: Uint16Array;
  private readonly last: Float64Array;
  private count = 0;

  /** @param memory instants that are looked back */
  constructor(sensors: number, memory: number) {
    this.sensors = sensors;
    this.memory = memory;
    this.past = new Float64Array(sensors * memory).fill(Number.NaN);
    this.agree = new Uint16Array(sensors * memory);
    this.last = new Float64Array(sensors).fill(Number.NaN);
  }

  push(row: Float64Array, scores: Float64Array): void {
    for (let j = 0; j < this.sensors; j++) {
      const value = row[j] as number;
      scores[j] = Number.isNaN(value) ? 0 : this.look(j, value);
      this.past[j * this.memory + (this.count % this.memory)] = value;
    }
    this.count++;
  }

  private look(j: number, value: number): number {
    const { memory, past, agree, count } = this;
    const base = j * memory;
    const change = value === this.last[j] ? 0 : 1;
    this.last[j] = value;
    let best = 0;
    for (let lag = LAG_MIN; lag < memory && lag <= count; lag++) {
      const then = past[base + ((count - lag) % memory)] as number;
      if (then === value) {
        const run = Math.min(65_535, (agree[base + lag] as number) + change);
        agree[base + lag] = run;
        if (run > best) best = run;
      } else if (!Number.isNaN(then)) {
        agree[base + lag] = 0;
      }
    }
    return best;
  }
}
