import { LinnetError } from '../base/error.ts';

/** A sensor's mean over one interval, named by the interval's start. */
export interface Sample {
  readonly sensor: string;
  readonly time: number;
  readonly value: number;
}

interface ResampleState {
  readonly bins: BinMeans;
  /** Intervals before it are closed. */
  closed: number;
  late: number;
}

const BINS_MAX = 50_000_000;

/** Sums and counts of one sensor by interval, from the first open interval on. 12 bytes an interval. */
export class BinMeans {
  private readonly everyMs: number;
  private sums = new Float64Array(16);
  private counts = new Uint32Array(16);
  /** Interval of element 0; intervals are counted from 1970. */
  private first = Number.NaN;
  private length = 0;

  constructor(everyMs: number) {
    this.everyMs = everyMs;
  }

  /** The first open interval; NaN while there is none. */
  get start(): number {
    return this.first;
  }

  /** The interval after the last one that a value fell into. */
  get end(): number {
    return this.first + this.length;
  }

  add(time: number, value: number): void {
    const bin = Math.floor(time / this.everyMs);
    if (this.length === 0) this.first = bin;
    if (bin < this.first) this.extendBack(this.first - bin);
    const at = bin - this.first;
    if (at >= this.length) this.extend(at + 1);
    this.sums[at] = (this.sums[at] as number) + value;
    this.counts[at] = (this.counts[at] as number) + 1;
  }

  /** The mean of an interval; NaN where no value fell. */
  mean(bin: number): number {
    const at = bin - this.first;
    const count = at >= 0 && at < this.length ? (this.counts[at] as number) : 0;
    return count === 0 ? Number.NaN : (this.sums[at] as number) / count;
  }

  /** Takes out the means of all intervals before `bin` that hold a value. */
  drain(bin: number): { time: number; value: number }[] {
    const out: { time: number; value: number }[] = [];
    const until = Math.min(bin, this.end);
    for (let b = this.first; b < until; b++) {
      const value = this.mean(b);
      if (!Number.isNaN(value)) out.push({ time: b * this.everyMs, value });
    }
    if (until > this.first) {
      const gone = until - this.first;
      this.sums.copyWithin(0, gone, this.length);
      this.counts.copyWithin(0, gone, this.length);
      this.sums.fill(0, this.length - gone, this.length);
      this.counts.fill(0, this.length - gone, this.length);
      this.length -= gone;
      this.first = until;
    }
    return out;
  }

  private extend(length: number): void {
    if (length > BINS_MAX) {
      throw new LinnetError(
        'data.invalid',
        `readings span more than ${BINS_MAX} intervals of ${this.everyMs} ms: is a time stamp wrong?`,
      );
    }
    if (length > this.sums.length) {
      const capacity = Math.max(this.sums.length * 2, length);
      const [sums, counts] = [new Float64Array(capacity), new Uint32Array(capacity)];
      sums.set(this.sums);
      counts.set(this.counts);
      this.sums = sums;
      this.counts = counts;
    }
    this.length = length;
  }

  private extendBack(more: number): void {
    const before = this.length;
    this.extend(before + more);
    this.sums.copyWithin(more, 0, before);
    this.counts.copyWithin(more, 0, before);
    this.sums.fill(0, 0, Math.min(more, this.length));
    this.counts.fill(0, 0, Math.min(more, this.length));
    this.first -= more;
  }
}

/**
 * Means over intervals of a live stream, for `keyBy(sensor).stateful(id, resample({ … }))`: each reading gives the
 * samples of the intervals that it closes. An interval closes when the sensor's own clock is `latenessMs` past its end.
 *
 * A reading of an interval that was closed is not counted; a value that is NaN neither.
 */
export function resample({ everyMs, latenessMs = 0 }: { everyMs: number; latenessMs?: number }): {
  initial: () => ResampleState;
  step: (
    state: ResampleState,
    reading: { readonly time: number; readonly value: number },
    sensor: string | number,
  ) => Sample[];
} {
  if (!(everyMs > 0)) throw new LinnetError('config.invalid', `resample.everyMs: ${everyMs} is not above 0`);
  return {
    initial: () => ({ bins: new BinMeans(everyMs), closed: -Infinity, late: 0 }),
    step(state, { time, value }, sensor) {
      if (Number.isNaN(value)) return [];
      if (Math.floor(time / everyMs) < state.closed) {
        state.late++;
        return [];
      }
      state.bins.add(time, value);
      const closed = Math.floor((time - latenessMs) / everyMs);
      if (closed <= state.closed) return [];
      state.closed = closed;
      return state.bins.drain(closed).map((mean) => ({ sensor: String(sensor), ...mean }));
    },
  };
}
