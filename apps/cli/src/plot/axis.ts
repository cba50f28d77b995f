/** From values to pixels, and the values to mark on the way. */
export interface Axis {
  at(value: number): number;
  readonly ticks: readonly number[];
}

type Span = readonly [from: number, to: number];

/** About so many ticks at 1, 2 or 5 times a power of ten. */
export function linearAxis([low, high]: Span, [from, to]: Span, about = 6): Axis {
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.floor(high / step) - first + 1);
  return {
    at: (value) => from + ((value - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12))),
  };
}

/** For values above 0. Ticks at powers of ten, or at 1, 2 and 5 of each where there are few powers. */
export function logAxis([low, high]: Span, [from, to]: Span): Axis {
  const [first, last] = [Math.log10(low), Math.log10(high)];
  const factors = last - first > 3 ? [1] : [1, 2, 5];
  const powers = Array.from(
    { length: Math.ceil(last) - Math.floor(first) + 1 },
    (_, index) => Math.floor(first) + index,
  );
  return {
    at: (value) => from + ((Math.log10(value) - first) / (last - first)) * (to - from),
    ticks: powers
      .flatMap((power) => factors.map((factor) => Number((factor * 10 ** power).toPrecision(12))))
      .filter((value) => value >= low && value <= high),
  };
}
