/** The readings of one sensor in time order. */
export interface AirSeries {
  readonly sensor: string;
  /** Epoch milliseconds. */
  readonly times: Float64Array;
  /** Channels A and B in µg/m³; NaN where a channel gave nothing. */
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** A span of time: from its first instant to before its end, in epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Indices of the readings of a span: from the first to before the second. */
export function within(times: Float64Array, { from, to }: Span): readonly [number, number] {
  return [lowerBound(times, from), lowerBound(times, to)];
}

/** Index of the first time that is not before `time`. */
function lowerBound(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
