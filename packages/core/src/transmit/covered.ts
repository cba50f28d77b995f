import { NONE } from './fixed-point.ts';
import type { Applied } from './apply.ts';
import type { LinkConfig } from './message/link.ts';

/** What the cloud knows of a value, from nothing to the value itself. */
export const STATUSES = ['missing', 'provisional', 'predicted', 'backfilled', 'measured'] as const;
export type Status = (typeof STATUSES)[number];
export const STATUS = { missing: 0, provisional: 1, predicted: 2, backfilled: 3, measured: 4 } as const;

/** Instants in a row as the cloud has them, a row each, a column a channel of the link. */
export interface Covered {
  readonly link: LinkConfig;
  readonly session: number;
  /** Of the message that covers them; the last one for provisional values. */
  readonly sequence: number;
  /** The predictor, and the model's address where it is one. */
  readonly source: string;
  readonly firstTick: number;
  readonly count: number;
  /** In the channels' own measure, NaN for missing. */
  readonly values: Float64Array;
  /** Position in STATUSES, by row and channel. */
  readonly status: Uint8Array;
}

/** Time of a row of `covered`, epoch ms. */
export function timeOf({ link, firstTick }: Pick<Covered, 'link' | 'firstTick'>, row: number): number {
  return link.startMs + (firstTick + row) * link.everyMs;
}

/**
 * How far a stored value may be from the real one: epsilon, a sixteenth of it where it was measured, and unknown (Infinity) where nothing
 * has confirmed it. NaN where it is missing.
 */
export function boundOf(epsilon: number, status: number): number {
  if (status === STATUS.missing) return Number.NaN;
  if (status === STATUS.provisional) return Infinity;
  return status === STATUS.measured ? epsilon / 16 : epsilon;
}

/** By row and channel, what a message makes of each value. */
export function statusOf({ cover }: Applied): Uint8Array {
  const { count, missing, from, anchors } = cover;
  const channels = anchors.length;
  const status = new Uint8Array(count * channels);
  for (let row = 0, i = 0; row < count; row++) {
    for (let j = 0; j < channels; j++, i++) {
      if (missing[i] === 1) status[i] = STATUS.missing;
      else if (row === anchors[j]) status[i] = STATUS.measured;
      else status[i] = row < from ? STATUS.predicted : STATUS.backfilled;
    }
  }
  return status;
}

export function valuesOf(rows: Int32Array, units: Float64Array): Float64Array<ArrayBuffer> {
  const values = new Float64Array(rows.length);
  const channels = units.length;
  for (let i = 0; i < rows.length;) {
    for (let j = 0; j < channels; j++, i++) {
      const row = rows[i] as number;
      values[i] = row === NONE ? Number.NaN : row * (units[j] as number);
    }
  }
  return values;
}
