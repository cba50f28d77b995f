import { LinnetError } from '../base/error.ts';
import type { Row } from './pivot.ts';

/** The value `step` of `steps` on the line from a to b, rounded as NumPy's `interp`. */
function between(a: number, b: number, step: number, steps: number): number {
  return ((b - a) / steps) * step + a;
}

/**
 * Fills gaps of an evenly spaced column in place: on a line between the values at both ends; after the last value that value;
 * before the first nothing, as pandas' `interpolate()`.
 */
export function interpolateColumn(values: Float64Array): void {
  let last = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    if (last >= 0) fill(values, last, i);
    last = i;
  }
  if (last >= 0) values.fill(values[last] as number, last + 1);
}

function fill(values: Float64Array, from: number, to: number): void {
  const [a, b] = [values[from] as number, values[to] as number];
  for (let i = from + 1; i < to; i++) values[i] = between(a, b, i - from, to - from);
}

interface FillState {
  readonly held: Row[];
  /** The last row that was given out. */
  before: Float64Array | undefined;
}

/**
 * The same for a live stream of rows, after `pivot`: a row with a gap is held until the gap's other end is known. What is
 * held longest is `gapMax` rows: then the sensor's last value stands in, or NaN where it never had one.
 */
export function interpolate({ gapMax = 30 }: { gapMax?: number } = {}): {
  initial: () => FillState;
  step: (state: FillState, row: Row) => Row[];
} {
  if (!(gapMax >= 1)) throw new LinnetError('config.invalid', `interpolate.gapMax: ${gapMax} is below 1`);
  return {
    initial: () => ({ held: [], before: undefined }),
    step(state, row) {
      const { held } = state;
      const current = { time: row.time, values: row.values.slice() };
      current.values.forEach((value, column) => {
        if (!Number.isNaN(value)) closeGap(state, column, value);
      });
      held.push(current);
      const out: Row[] = [];
      for (;;) {
        const [oldest] = held;
        if (oldest === undefined) return out;
        if (oldest.values.some(Number.isNaN)) {
          if (held.length <= gapMax) return out;
          holdLast(oldest, state.before);
        }
        held.shift();
        state.before = oldest.values;
        out.push(oldest);
      }
    },
  };
}

/** Fills a column of the held rows between its last value and the one that just came. */
function closeGap({ held, before }: FillState, column: number, value: number): void {
  let from = held.length - 1;
  while (from >= 0 && Number.isNaN(held[from]?.values[column])) from--;
  const start = from >= 0 ? held[from]?.values[column] : before?.[column];
  if (start === undefined || Number.isNaN(start)) return;
  for (let i = from + 1; i < held.length; i++) {
    (held[i] as Row).values[column] = between(start, value, i - from, held.length - from);
  }
}

function holdLast(row: Row, before: Float64Array | undefined): void {
  row.values.forEach((value, column) => {
    if (Number.isNaN(value)) row.values[column] = before?.[column] ?? Number.NaN;
  });
}
