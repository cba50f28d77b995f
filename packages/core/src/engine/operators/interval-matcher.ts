import type { EmitPair, Matcher, TimedRecord } from './join.ts';

interface Left extends TimedRecord {
  matched: boolean;
}

/** Records that may still find another, each side in the order of event time. */
interface Kept {
  readonly lefts: Left[];
  readonly rights: TimedRecord[];
}

/** How far the right record may lie before and after the left one, in milliseconds, both ends included. */
export interface Interval {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/**
 * Every pair whose times lie within an interval. With `outer` a left record without a match comes out alone, once none can come
 * any more: at its time and `afterMs`.
 */
export function intervalMatcher({ beforeMs, afterMs }: Interval, outer: boolean): Matcher<Kept> {
  const expire = ({ lefts, rights }: Kept, watermark: number, emit: EmitPair): void => {
    let count = 0;
    for (; count < lefts.length; count++) {
      const { time, item, matched } = lefts[count] as Left;
      if (time + afterMs >= watermark) break;
      if (outer && !matched) emit(time + afterMs, item, null);
    }
    if (count > 0) lefts.splice(0, count);
    count = 0;
    while (count < rights.length && (rights[count] as TimedRecord).time + beforeMs < watermark) count++;
    if (count > 0) rights.splice(0, count);
  };
  return {
    initial: () => ({ lefts: [], rights: [] }),
    take(kept, side, { time, item }, emit) {
      // What is left then can match: everything behind lies within the interval.
      expire(kept, time, emit);
      const { lefts, rights } = kept;
      if (side === 'left') {
        lefts.push({ time, item, matched: rights.length > 0 });
        for (const right of rights) emit(time, item, right.item);
      } else {
        rights.push({ time, item });
        for (const left of lefts) {
          left.matched = true;
          emit(time, left.item, item);
        }
      }
    },
    expire,
    due({ lefts, rights }) {
      const left = lefts[0] === undefined ? Infinity : lefts[0].time + afterMs;
      return Math.min(left, rights[0] === undefined ? Infinity : rights[0].time + beforeMs);
    },
    isFresh: ({ lefts, rights }) => lefts.length === 0 && rights.length === 0,
  };
}
