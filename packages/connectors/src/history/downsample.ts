import type { Extremes } from './chunk.ts';

export interface Points {
  readonly time: Float64Array;
  readonly value: Float64Array;
}

/**
 * Thins a series out to at most `points` points that keep its shape: the range is cut into equal spans of time, and the
 * least and the greatest reading of each stay, beside the very first and last. A spike of one reading among millions
 * stays, which averaging and LTTB do not promise; M4 (Jugel, Jerzak, Hackenbroich and Markl, VLDB 2014) shows that extremes
 * by column of pixels are what a line chart needs. A series of no more than `points` readings stays whole.
 *
 * Of equal extremes the earliest stays. Missing readings (NaN) are left out; a span without readings gives no point.
 */
export class Downsampler {
  private readonly points: number;
  private readonly from: number;
  private readonly to: number;
  private readonly buckets: number;
  private readonly low: Points;
  private readonly high: Points;
  /** All readings, until there are more than points. */
  private whole: [time: number, value: number][] | undefined = [];
  private first: [time: number, value: number] = [Infinity, Number.NaN];
  private last: [time: number, value: number] = [-Infinity, Number.NaN];

  /**
   * @param points at least 4
   * @param from time of the first reading, epoch ms
   * @param to time of the last
   */
  constructor(points: number, from: number, to: number) {
    this.points = points;
    this.from = from;
    this.to = to;
    this.buckets = (points - 2) >> 1;
    this.low = emptyPoints(this.buckets);
    this.high = emptyPoints(this.buckets);
  }

  /** Readings in time order; of several calls those of earlier arrival come first. */
  add(time: Float64Array, values: Float64Array): void {
    let [start, end] = [0, time.length - 1];
    while (start <= end && Number.isNaN(values[start])) start++;
    while (end > start && Number.isNaN(values[end])) end--;
    if (start > end) return;
    if ((time[start] as number) < this.first[0])
      this.first = [time[start] as number, values[start] as number];
    if ((time[end] as number) >= this.last[0]) this.last = [time[end] as number, values[end] as number];
    if (this.whole !== undefined) this.keepWhole(this.whole, time, values);
    // The extremes of the span at hand are kept in variables: this loop is what a query waits for.
    let bucket = this.bucketOf(time[start] as number);
    let [low, high] = [start, start];
    for (let i = start + 1; i <= end; i++) {
      const value = values[i] as number;
      const next = this.bucketOf(time[i] as number);
      if (next !== bucket) {
        if (!Number.isNaN(values[low])) this.take(bucket, time, values, low, high);
        bucket = next;
        low = high = i;
      } else if (value < (values[low] as number)) low = i;
      else if (value > (values[high] as number)) high = i;
      else if (Number.isNaN(values[low])) low = high = i;
    }
    this.take(bucket, time, values, low, high);
  }

  /**
   * Takes a block of readings by its extremes alone, if it lies within one span and cannot hold the first or last
   * reading; false when its readings are needed. Only for a series of more than `points` readings.
   */
  addExtremes(from: number, to: number, { lowTime, low, highTime, high }: Extremes): boolean {
    const bucket = this.bucketOf(from);
    if (bucket !== this.bucketOf(to) || from <= this.from || to >= this.to) return false;
    this.whole = undefined;
    this.lower(bucket, lowTime, low);
    this.raise(bucket, highTime, high);
    // Ends of the series only where the blocks at its ends have no reading of this channel at all.
    for (const end of [[lowTime, low] as const, [highTime, high] as const]) {
      if (end[0] < this.first[0]) this.first = [...end];
      if (end[0] > this.last[0]) this.last = [...end];
    }
    return true;
  }

  result(): Points {
    const chosen = this.whole ?? this.chosen();
    chosen.sort((a, b) => a[0] - b[0]);
    return {
      time: Float64Array.from(chosen, ([time]) => time),
      value: Float64Array.from(chosen, ([, value]) => value),
    };
  }

  private chosen(): [number, number][] {
    const { first, last, low, high } = this;
    const chosen: [number, number][] = [first];
    const add = (time: number, value: number) => {
      const isEnd =
        (time === first[0] && Object.is(value, first[1])) || (time === last[0] && Object.is(value, last[1]));
      if (!isEnd) chosen.push([time, value]);
    };
    for (let i = 0; i < this.buckets; i++) {
      const [a, b] = [low.time[i] as number, high.time[i] as number];
      if (a === Infinity) continue;
      add(a, low.value[i] as number);
      if (a !== b || low.value[i] !== high.value[i]) add(b, high.value[i] as number);
    }
    chosen.push(last);
    return chosen;
  }

  private take(bucket: number, time: Float64Array, values: Float64Array, low: number, high: number): void {
    this.lower(bucket, time[low] as number, values[low] as number);
    this.raise(bucket, time[high] as number, values[high] as number);
  }

  private keepWhole(whole: [number, number][], time: Float64Array, values: Float64Array): void {
    for (let i = 0; i < time.length; i++) {
      if (Number.isNaN(values[i])) continue;
      if (whole.push([time[i] as number, values[i] as number]) <= this.points) continue;
      this.whole = undefined;
      return;
    }
  }

  private bucketOf(time: number): number {
    const share = (time - this.from) / (this.to - this.from || 1);
    return Math.min(this.buckets - 1, Math.floor(share * this.buckets));
  }

  private lower(bucket: number, time: number, value: number): void {
    const { low } = this;
    const held = low.value[bucket] as number;
    const better = value < held || (value === held && time < (low.time[bucket] as number));
    if (!better && low.time[bucket] !== Infinity) return;
    low.time[bucket] = time;
    low.value[bucket] = value;
  }

  private raise(bucket: number, time: number, value: number): void {
    const { high } = this;
    const held = high.value[bucket] as number;
    const better = value > held || (value === held && time < (high.time[bucket] as number));
    if (!better && high.time[bucket] !== Infinity) return;
    high.time[bucket] = time;
    high.value[bucket] = value;
  }
}

function emptyPoints(count: number): Points {
  return { time: new Float64Array(count).fill(Infinity), value: new Float64Array(count) };
}
