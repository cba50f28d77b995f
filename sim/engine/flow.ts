/** The flow that is simulated: a state a sensor, a re-key, windows, windows of windows, a merge of it all, and sinks of both kinds. */
import {
  countWindow,
  flow,
  session,
  sliding,
  table,
  tumbling,
  type Flow,
  type KeyedStream,
  type Sink,
  type Source,
  type Stream,
  type Windower,
} from '@linnet/core';
import {
  COUNT,
  EVERY_MS,
  GAP_MS,
  LENGTH_MS,
  MAX_FUTURE_MS,
  START,
  TOTAL_MS,
  type Scenario,
} from './scenario.ts';
import type { Delivered } from './source.ts';

/** One record of the merged output: everything that the flow found, in the order in which it did. */
export type Line =
  | { readonly kind: 'counted'; readonly id: number; readonly n: number }
  | WindowLine
  | { readonly kind: 'late'; readonly region: string; readonly window: number; readonly id: number }
  | { readonly kind: 'total'; readonly start: number; readonly windows: number }
  | { readonly kind: 'late total'; readonly region: string; readonly start: number };

export interface WindowLine {
  readonly kind: 'window';
  readonly region: string;
  readonly start: number;
  readonly end: number;
  readonly ids: readonly number[];
}

/** A record whose stamp was not believed. */
export interface Disbelieved {
  readonly id: number;
  readonly reason: string;
}

/** Two records that a join brought together; null for a left one that found none. */
export interface Pair {
  readonly join: 'near' | 'as of';
  readonly left: number;
  /** Of a near one its id, of an as-of one its time. */
  readonly right: number | null;
}

/** A record that was late for a join. */
export interface LateForJoin {
  readonly join: 'near' | 'as of';
  readonly id: number;
}

/** A record is of the left side of the joins where its id is even. */
export function isLeft({ id }: { readonly id: number }): boolean {
  return id % 2 === 0;
}

export function makeFlow(
  scenario: Scenario,
  sources: readonly Source<Delivered>[],
  alerts: Sink<WindowLine>,
): Flow {
  const built = flow('simulated');
  const counted = timed(built, scenario, sources)
    .keyBy('sensor', ({ sensor }) => sensor)
    .stateful('count', {
      initial: () => ({ n: 0 }),
      step: (state, reading) => ({ ...reading, n: ++state.n }),
    });
  const windows = counted
    .keyBy('region', ({ region }) => region)
    .window(windowerOf(scenario), { ordered: scenario.ordered })
    .collect('windows');
  const closed = windows.map('gathered', ({ key, window, value }): WindowLine => {
    const ids = value.map(({ id }) => id);
    const { start, end } = window;
    // Without order the records of a window come in the order of arrival, sessions that were joined one behind the other.
    return {
      kind: 'window',
      region: key,
      start,
      end,
      ids: scenario.ordered ? ids : ids.toSorted((a, b) => a - b),
    };
  });
  const late = windows.late.map('too-late', ({ key, window, value: { id } }): Line => ({
    kind: 'late',
    region: key,
    window,
    id,
  }));
  const totals = closed
    .keyBy('fleet', () => 'z')
    .window(tumbling({ length: TOTAL_MS, align: START }))
    .count('totals');
  const lines = counted.map('counted', ({ id, n }): Line => ({ kind: 'counted', id, n }));
  const total = totals.map('total', ({ window, value }): Line => ({
    kind: 'total',
    start: window.start,
    windows: value,
  }));
  const lateTotal = totals.late.map('late-total', ({ value: { region, start } }): Line => ({
    kind: 'late total',
    region,
    start,
  }));
  lines
    .unkeyed()
    .merge<Line>('all', late.unkeyed(), closed.unkeyed(), lateTotal.unkeyed(), total.unkeyed())
    .sink('lines', table());
  closed.sink('alerts', alerts);
  addJoins(counted);
  return built;
}

/** Readings of a region that are near each other in time, and the last one before each. */
function addJoins(counted: KeyedStream<string, Delivered>): void {
  const lefts = counted.filter('left', isLeft).keyBy('left-region', ({ region }) => region);
  const rights = counted
    .filter('right', (reading) => !isLeft(reading))
    .keyBy('right-region', ({ region }) => region);
  const near = lefts.leftJoin('near', rights, { within: GAP_MS });
  const asOf = lefts.asOfJoin('as-of', rights);
  near
    .map('near-pair', ({ left, right }): Pair => ({ join: 'near', left: left.id, right: right?.id ?? null }))
    .unkeyed()
    .merge<Pair>(
      'all-pairs',
      asOf
        .map('as-of-pair', ({ left, right }): Pair => ({
          join: 'as of',
          left: left.id,
          right: right?.time ?? null,
        }))
        .unkeyed(),
    )
    .sink('pairs', table());
  near.late
    .map('late-near', ({ value: { id } }): LateForJoin => ({ join: 'near', id }))
    .unkeyed()
    .merge<LateForJoin>(
      'all-late-for-joins',
      asOf.late.map('late-as-of', ({ value: { id } }): LateForJoin => ({ join: 'as of', id })).unkeyed(),
    )
    .sink('late-for-joins', table());
}

/** Every source with its event time, merged where there are two. */
function timed(built: Flow, scenario: Scenario, sources: readonly Source<Delivered>[]): Stream<Delivered> {
  const { latenessMs, idleMs, watermark } = scenario;
  const [first, ...others] = sources.map((source, index) => {
    const stream = built.source(`in-${index}`, source).eventTime(`time-${index}`, {
      at: ({ time }) => time,
      lateness: latenessMs,
      idle: idleMs,
      maxFuture: MAX_FUTURE_MS,
      watermark,
    });
    stream.quarantined
      .map(`disbelieved-${index}`, ({ value: { id }, reason }): Disbelieved => ({ id, reason }))
      .sink(`quarantine-${index}`, table());
    return stream;
  });
  const stream = first as Stream<Delivered>;
  return others.length === 0 ? stream : stream.merge('both', ...others);
}

function windowerOf({ window }: Scenario): Windower {
  switch (window) {
    case 'tumbling':
      return tumbling({ length: LENGTH_MS, align: START }) as Windower;
    case 'sliding':
      return sliding({ length: LENGTH_MS, every: EVERY_MS, align: START }) as Windower;
    case 'session':
      return session({ gap: GAP_MS }) as Windower;
    case 'count':
      return countWindow({ size: COUNT }) as Windower;
  }
}
