/** Folds that windows are asked for most. A value that is null or no number is passed over. */

/** How the records of a window become one value. */
export interface Folding<T, A, R = A> {
  readonly initial: () => A;
  readonly fold: (value: A, item: T) => A;
  readonly merge?: (a: A, b: A) => A;
  readonly result?: (value: A) => R;
}

type Reader<T> = (item: T) => number | null;

export const count: Folding<unknown, number> = {
  initial: () => 0,
  fold: (value) => value + 1,
  merge: (a, b) => a + b,
};

export function min<T>(read: Reader<T>): Folding<T, number | null> {
  return extreme(read, Math.min);
}

export function max<T>(read: Reader<T>): Folding<T, number | null> {
  return extreme(read, Math.max);
}

function extreme<T>(read: Reader<T>, better: (a: number, b: number) => number): Folding<T, number | null> {
  const pair = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : better(a, b));
  return {
    initial: () => null,
    fold: (value, item) => {
      const own = read(item);
      return pair(value, own !== null && Number.isNaN(own) ? null : own);
    },
    merge: pair,
  };
}

interface Sum {
  readonly sum: number;
  readonly count: number;
}

export function mean<T>(read: Reader<T>): Folding<T, Sum, number | null> {
  return {
    initial: () => ({ sum: 0, count: 0 }),
    fold: (value, item) => {
      const own = read(item);
      return own === null || Number.isNaN(own) ? value : { sum: value.sum + own, count: value.count + 1 };
    },
    merge: (a, b) => ({ sum: a.sum + b.sum, count: a.count + b.count }),
    result: ({ sum, count: n }) => (n === 0 ? null : sum / n),
  };
}
