import { LinnetError } from '../base/error.ts';

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
    this.put(Math.floor(time / this.everyMs), value, 1);
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

  /** What the open intervals hold, for a state that is kept. */
  cells(): [bin: number, sum: number, count: number][] {
    const out: [number, number, number][] = [];
    for (let at = 0; at < this.length; at++) {
      const count = this.counts[at] as number;
      if (count > 0) out.push([this.first + at, this.sums[at] as number, count]);
    }
    return out;
  }

  /** Puts back what `cells` gave. */
  restore(cells: readonly (readonly [bin: number, sum: number, count: number])[]): void {
    for (const [bin, sum, count] of cells) this.put(bin, sum, count);
  }

  private put(bin: number, sum: number, count: number): void {
    if (this.length === 0) this.first = bin;
    if (bin < this.first) this.extendBack(this.first - bin);
    const at = bin - this.first;
    if (at >= this.length) this.extend(at + 1);
    this.sums[at] = (this.sums[at] as number) + sum;
    this.counts[at] = (this.counts[at] as number) + count;
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
