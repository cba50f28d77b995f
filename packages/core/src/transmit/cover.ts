/**
 * What a message says of the instants since the one before: which values are missing, the last value of each channel to
 * the unit, and from the first violation on steps between a line and what was measured.
 */
import { LinnetError } from '../base/error.ts';
import { clampUnits, NONE, STEP, toUnits, UNITS_MAX } from './fixed-point.ts';

export interface Cover {
  readonly count: number;
  /** 1 where a channel had no value, by row and channel. */
  readonly missing: Uint8Array;
  /** First row that is filled in; `count` for none. */
  readonly from: number;
  /** By channel the row of its last value, -1 for none. */
  readonly anchors: Int32Array;
  /** By channel, last value minus prediction, in units; 0 for a channel without. */
  readonly fine: Int32Array;
  /** By row and channel, steps from the line. */
  readonly steps: Int32Array;
}

/** Rows since the last message: what the sensors gave, NaN for nothing, and what the cloud foretells, in units. */
export interface Pending {
  readonly values: Float64Array;
  readonly foretold: Int32Array;
  readonly count: number;
}

export interface Channels {
  readonly units: Float64Array;
  readonly epsilons: Float64Array;
}

/** @throws LinnetError `data.invalid` for a value too large for its channel's unit */
export function planCover(
  { values, foretold, count }: Pending,
  from: number,
  last: Int32Array,
  { units, epsilons }: Channels,
): { cover: Cover; rows: Int32Array } {
  const channels = units.length;
  const cells = count * channels;
  const missing = new Uint8Array(cells);
  for (let i = 0; i < cells; i++) missing[i] = Number.isNaN(values[i]) ? 1 : 0;
  const anchors = anchorsOf(missing, count, channels);
  const fine = new Int32Array(channels);
  const steps = new Int32Array(cells);
  for (let j = 0; j < channels; j++) {
    const anchor = anchors[j] as number;
    if (anchor < 0) continue;
    const exact = toUnits(values[anchor * channels + j] as number, units[j] as number);
    fine[j] = exact - baseOf(foretold[anchor * channels + j] as number);
  }
  const cover: Cover = { count, missing, from, anchors, fine, steps };
  const rows = applyCover(cover, foretold, last);
  for (let i = from * channels; i < cells; i++) {
    const j = i % channels;
    if (missing[i] === 1 || i === (anchors[j] as number) * channels + j) continue;
    const [value, unit, epsilon] = [values[i] as number, units[j] as number, epsilons[j] as number];
    const base = rows[i] as number;
    steps[i] = stepsTo(value, base, unit, epsilon);
    rows[i] = clampUnits(base + STEP * (steps[i] as number));
  }
  return { cover, rows };
}

/** The rows as the cloud then has them: NONE where there was no value. */
export function applyCover(cover: Cover, foretold: Int32Array, last: Int32Array): Int32Array {
  const { count, missing, from, anchors, fine, steps } = cover;
  const channels = anchors.length;
  const rows = new Int32Array(count * channels);
  for (let j = 0; j < channels; j++) {
    const anchor = anchors[j] as number;
    const exact = anchor < 0 ? NONE : baseOf(foretold[anchor * channels + j] as number) + (fine[j] as number);
    if (anchor >= 0 && Math.abs(exact) > UNITS_MAX) {
      throw new LinnetError('data.invalid', 'message holds a value beyond 2^30 units');
    }
    const before = from > 0 ? (foretold[(from - 1) * channels + j] as number) : (last[j] as number);
    const start = before === NONE ? exact : before;
    for (let row = 0; row < count; row++) {
      const i = row * channels + j;
      if (missing[i] === 1) rows[i] = NONE;
      else if (row === anchor) rows[i] = exact;
      else if (row < from) rows[i] = foretold[i] as number;
      else {
        const line = start + Math.floor(((exact - start) * (row - from + 1)) / (anchor - from + 1) + 0.5);
        rows[i] = clampUnits(line + STEP * (steps[i] as number));
      }
    }
  }
  return rows;
}

export function anchorsOf(missing: Uint8Array, count: number, channels: number): Int32Array {
  const anchors = new Int32Array(channels);
  for (let j = 0; j < channels; j++) {
    let row = count - 1;
    while (row >= 0 && missing[row * channels + j] === 1) row--;
    anchors[j] = row;
  }
  return anchors;
}

/** A channel that never had a value is foretold as 0. */
function baseOf(foretold: number): number {
  return foretold === NONE ? 0 : foretold;
}

/** The fewest steps that bring a value within epsilon, judged in the very arithmetic that a reader of the stored value uses. */
function stepsTo(value: number, base: number, unit: number, epsilon: number): number {
  const holds = (steps: number): boolean => Math.abs((base + STEP * steps) * unit - value) <= epsilon;
  if (holds(0)) return 0;
  const steps = Math.round((value / unit - base) / STEP);
  if (holds(steps)) return steps;
  const other = [steps - 1, steps + 1].find(holds);
  if (other !== undefined) return other;
  throw new LinnetError(
    'data.invalid',
    `${value} cannot be told within ${epsilon}: epsilon is below what its digits hold`,
  );
}
