/** How the scores are distributed, and where the threshold cuts. Counts are logarithmic, or a tail of ten in ten thousand would not show. */
import { linearAxis, logAxis, type Axis } from './axis.ts';
import { COLOURS, figure, line, rectangle, text, type Box } from './draw.ts';

const BINS = 64;
const LOWEST_COUNT = 0.6;
/** Above this ratio of the greatest score to the threshold a linear axis would show a single bar. */
const LONG_TAIL = 15;
const LABEL_ROOM = 130;

export interface Scores {
  readonly values: Float64Array;
  readonly threshold: number;
  /** True when an anomaly scores below the threshold, not above. */
  readonly isBelow: boolean;
}

export function scoreHistogram({ values, threshold, isBelow }: Scores, box: Box): string {
  const scores = values.filter((value) => !Number.isNaN(value));
  const isLong =
    !isBelow &&
    threshold > 0 &&
    scores.reduce((most, value) => Math.max(most, value), 0) > LONG_TAIL * threshold;
  const shape: (value: number) => number = isLong
    ? (value) => Math.log10(Math.max(value, threshold / 100))
    : (value) => value;
  const bins = binsOf(scores.map(shape), shape(threshold));
  const edge = (index: number) => bins.low + index * bins.width;
  const plot: Box = { x: box.x + 52, y: box.y + 46, width: box.width - 60, height: box.height - 92 };
  const bottom = plot.y + plot.height;
  const span: readonly [number, number] = [edge(0), edge(bins.counts.length)];
  const across: readonly [number, number] = [plot.x, plot.x + plot.width];
  const x: Axis = isLong ? logAxis([10 ** span[0], 10 ** span[1]], across) : linearAxis(span, across);
  const most = bins.counts.reduce((a, b) => Math.max(a, b), 1);
  const y = logAxis([LOWEST_COUNT, most * 1.3], [bottom, plot.y]);
  const at = (shaped: number) => x.at(isLong ? 10 ** shaped : shaped);
  const bars = Array.from(bins.counts, (count, index) => {
    if (count === 0) return '';
    const [left, right, top] = [at(edge(index)), at(edge(index + 1)), y.at(count)];
    const strange = edge(index) + bins.width / 2 < shape(threshold) === isBelow;
    const bar = { x: left + 0.5, y: top, width: Math.max(1, right - left - 1), height: bottom - top };
    return rectangle(bar, strange ? COLOURS.anomaly : COLOURS.ordinary);
  });
  const decades = y.ticks.filter((tick) => Number.isInteger(Math.log10(tick)));
  const grid = decades.flatMap((tick) => [
    line(plot.x, y.at(tick), plot.x + plot.width, y.at(tick), COLOURS.rule),
    text(plot.x - 8, y.at(tick) + 4, figure(tick), { size: 11, colour: COLOURS.quiet, anchor: 'end' }),
  ]);
  const labels = x.ticks.map((tick) =>
    text(x.at(tick), bottom + 17, figure(tick), { size: 11, colour: COLOURS.quiet, anchor: 'middle' }),
  );
  return [
    text(box.x, box.y + 14, 'Distribution of the scores', { size: 15, weight: 600 }),
    ...grid,
    ...bars,
    line(plot.x, bottom, plot.x + plot.width, bottom, COLOURS.quiet),
    ...labels,
    text(plot.x + plot.width / 2, bottom + 38, axisTitle(isBelow), {
      size: 12,
      colour: COLOURS.quiet,
      anchor: 'middle',
    }),
    text(box.x, box.y + 32, 'records (logarithmic)', { size: 11, colour: COLOURS.quiet }),
    cut(at(shape(threshold)), plot, threshold, isBelow),
  ].join('\n');
}

function cut(x: number, plot: Box, threshold: number, isBelow: boolean): string {
  const within = Math.min(plot.x + plot.width, Math.max(plot.x, x));
  // The label goes where the tail is, above which there is room, unless it would leave the picture.
  const room = isBelow ? within - plot.x : plot.x + plot.width - within;
  const isLeft = isBelow === room > LABEL_ROOM;
  const look = { size: 12, weight: 600, halo: true, anchor: isLeft ? 'end' : 'start' } as const;
  const at = within + (isLeft ? -8 : 8);
  return [
    line(within, plot.y - 4, within, plot.y + plot.height, COLOURS.ink, ' stroke-dasharray="4 3"'),
    text(at, plot.y + 8, `threshold ${figure(threshold)}`, look),
    text(at, plot.y + 24, isBelow ? '← anomalies' : 'anomalies →', { ...look, colour: COLOURS.anomaly }),
  ].join('\n');
}

function axisTitle(isBelow: boolean): string {
  return isBelow
    ? 'isolation score: the lower, the stranger'
    : 'greatest |z| of a record: the higher, the stranger';
}

/** Equal bins, one of whose edges is the threshold, so that no bar is half an anomaly. */
function binsOf(values: Float64Array, threshold: number): { low: number; width: number; counts: Int32Array } {
  const least = values.reduce((a, b) => Math.min(a, b), threshold);
  const most = values.reduce((a, b) => Math.max(a, b), threshold);
  const width = most > least ? (most - least) / BINS : 1 / BINS;
  const before = Math.ceil((threshold - least) / width);
  const low = threshold - before * width;
  const counts = new Int32Array(Math.floor((most - low) / width) + 1);
  for (const value of values) {
    // Rounding must not carry a score over the threshold.
    const bin = Math.floor((value - low) / width);
    const kept = value < threshold ? Math.min(bin, before - 1) : Math.max(bin, before);
    const inside = Math.min(Math.max(kept, 0), counts.length - 1);
    counts[inside] = (counts[inside] as number) + 1;
  }
  return { low, width, counts };
}
