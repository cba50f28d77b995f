import type { Matcher, TimedRecord } from './join.ts';

interface Kept {
  /** The latest record of the right so far. */
  right: TimedRecord | null;
}

/**
 * Each left record with the latest right one that is not after it, and no further back than the tolerance. With `outer` a left record
 * that has none comes out alone.
 */
export function asOfMatcher(toleranceMs: number, outer: boolean): Matcher<Kept> {
  return {
    initial: () => ({ right: null }),
    take(kept, side, record, emit) {
      if (side === 'right') {
        kept.right = record;
        return;
      }
      const { right } = kept;
      if (right !== null && record.time - right.time <= toleranceMs) {
        emit(record.time, record.item, right.item);
      } else if (outer) {
        emit(record.time, record.item, null);
      }
    },
    expire(kept, watermark) {
      if (kept.right !== null && watermark - kept.right.time > toleranceMs) kept.right = null;
    },
    due: ({ right }) => (right === null ? Infinity : right.time + toleranceMs),
    isFresh: ({ right }) => right === null,
  };
}
