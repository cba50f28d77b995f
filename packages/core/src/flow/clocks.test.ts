import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLocal, type RunOptions } from '../engine/run.ts';
import type { Sink } from '../engine/sink.ts';
import type { Source, SourceBlock } from '../engine/source.ts';
import { session } from '../window/session.ts';
import { tumbling } from '../window/tumbling.ts';
import { flow } from './flow.ts';
import { records } from './records.ts';

const START = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;

interface Reading {
  readonly key: string;
  readonly time: unknown;
}

const at = (minute: number, key = 'a'): Reading => ({ key, time: START + minute * MINUTE });

function into<T>(list: T[]): Sink<T> {
  return {
    kind: 'collect',
    open: () => ({
      write: (items) => Promise.resolve(void list.push(...items)),
      close: () => Promise.resolve(),
    }),
  };
}

/** What a live source does: gives records of a partition at a minute of processing time, or is silent until then. */
type Event = readonly [minute: number, partition: number, ...items: Reading[]];

/** A live source and the clock that it and the run share: `wait` moves the clock, nothing else does. */
function live(events: readonly Event[], partitions: number, untilMinute: number) {
  let now = START;
  let [next, wake] = [0, (): void => undefined];
  const take = (): SourceBlock | null | undefined => {
    const event = events[next];
    if (event === undefined) return now >= START + untilMinute * MINUTE ? null : undefined;
    if (now < START + event[0] * MINUTE) return undefined;
    next++;
    return { payload: { items: event.slice(2) }, first: 0, partition: event[1] };
  };
  const source: Source<Reading> = {
    kind: 'live',
    name: 'live',
    bounded: false,
    open: () => ({
      partitions,
      async read() {
        for (;;) {
          const block = take();
          if (block !== undefined) return block;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      },
      close: () => Promise.resolve(),
    }),
    decode: (payload) => ({
      items: 'items' in payload ? (payload.items as Reading[]) : [],
      positions: null,
      rejected: [],
    }),
  };
  const options: RunOptions = {
    clock: { now: () => now },
    print: () => Promise.resolve(),
    // Every tick is a minute here. The source is woken first, as data comes before the timer.
    async wait() {
      now += MINUTE;
      wake();
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    },
  };
  return { source, options, minute: () => (now - START) / MINUTE };
}

test('a partition that falls silent stops holding back after `idle`, though no record comes to say so', async () => {
  for (const idle of ['5m', '1h']) {
    const { source, options, minute } = live(
      [
        [0, 0, at(0)],
        [0, 1, at(0, 'b')],
        [1, 0, at(30)],
      ],
      2,
      90,
    );
    const closed: number[] = [];
    const built = flow('idle');
    built
      .source('in', source)
      .eventTime('time', { at: ({ time }) => time, idle })
      .keyBy('key', ({ key }) => key)
      .window(tumbling({ length: '10m' }))
      .count('windows')
      .inspect('when', () => closed.push(minute()))
      .sink('out', into([]));
    await runLocal(built.graph, options);
    const first = closed[0] as number;
    assert.ok(idle === '5m' ? first >= 5 && first <= 8 : first >= 60 && first <= 63, `${idle}: ${first}`);
  }
});

test('a partition that never gave anything is idle, too', async () => {
  const { source, options, minute } = live([[0, 0, at(0), at(50)]], 2, 30);
  const closed: number[] = [];
  const built = flow('never');
  built
    .source('in', source)
    .eventTime('time', { at: ({ time }) => time, idle: '10m' })
    .keyBy('key', ({ key }) => key)
    .window(tumbling({ length: '10m' }))
    .count('windows')
    .inspect('when', () => closed.push(minute()))
    .sink('out', into([]));
  await runLocal(built.graph, options);
  assert.ok((closed[0] as number) <= 13, String(closed));
});

test("by key a window closes when the key's own clock, moved on by processing time, has passed it", async () => {
  const { source, options, minute } = live([[0, 0, at(0), at(1000, 'far')]], 1, 60);
  const closed: [string, number][] = [];
  const built = flow('key');
  built
    .source('in', source)
    .eventTime('time', { at: ({ time }) => time, watermark: 'key', lateness: '5m', maxFuture: '7d' })
    .keyBy('key', ({ key }) => key)
    .window(tumbling({ length: '10m' }))
    .count('windows')
    .inspect('when', ({ key }) => closed.push([key, minute()]))
    .sink('out', into([]));
  await runLocal(built.graph, options);
  const [key, when] = closed[0] as [string, number];
  assert.equal(key, 'a');
  assert.ok(when >= 15 && when <= 17, String(when));
});

test('processing time: windows by the clock on the wall, nothing late, closed without another record', async () => {
  const { source, options, minute } = live(
    [
      [0, 0, at(500)],
      [3, 0, at(2)],
      [12, 0, at(700)],
    ],
    2,
    40,
  );
  const closed: unknown[] = [];
  const built = flow('processing');
  const windows = built
    .source('in', source)
    .processingTime('clock')
    .keyBy('key', ({ key }) => key)
    .window(tumbling({ length: '10m' }))
    .count('windows');
  windows.inspect('when', () => assert.ok(minute() <= 22)).sink('out', into(closed));
  const { steps } = await runLocal(built.graph, options);
  assert.deepEqual(
    closed.map((result) => {
      const { window, value } = result as { window: { start: number; end: number }; value: number };
      return [(window.start - START) / MINUTE, (window.end - START) / MINUTE, value];
    }),
    [
      [0, 10, 2],
      [10, 20, 1],
    ],
  );
  assert.equal(steps['windows']?.['late'], 0);
});

test('stamps that cannot be believed are quarantined with their reason and move no watermark', async () => {
  const hour = 60;
  const stamps = [
    at(0),
    { key: 'a', time: 'never' },
    { key: 'a', time: NaN },
    { key: 'a', time: 0 },
    { key: 'a', time: Date.UTC(1970, 5, 1) },
    at(hour + 1),
    at(hour),
    at(50 * 365 * 24 * hour),
    at(1),
  ];
  const bad: unknown[] = [];
  const built = flow('quarantine');
  const timed = built
    .source('in', records(stamps, { block: 2 }))
    .eventTime('time', { at: ({ time }) => time, lateness: '1h' });
  timed.quarantined.sink('bad', into(bad));
  const windows = timed
    .keyBy('key', ({ key }) => key)
    .window(tumbling({ length: '1d' }))
    .count('windows');
  const good: unknown[] = [];
  windows.sink('out', into(good));
  const { steps } = await runLocal(built.graph, {
    clock: { now: () => START },
    print: () => Promise.resolve(),
  });
  assert.deepEqual(
    bad.map((item) => (item as { reason: string }).reason),
    ['invalid', 'invalid', 'unset', 'unset', 'future', 'future'],
  );
  assert.deepEqual(
    good.map((item) => (item as { value: number }).value),
    [3],
  );
  assert.equal(steps['windows']?.['late'], 0);
  assert.equal(steps['time']?.['quarantined'], 6);
});

test('every reducer says what the window holds, with its start and end', async () => {
  const values = [4, null, 1, NaN, 7];
  const items = values.map((value, i) => ({ key: 'a', time: START + i * MINUTE, value }));
  const built = flow('reducers');
  const keyed = built
    .source('in', records(items, { block: 2 }))
    .eventTime('time', { at: ({ time }) => time })
    .keyBy('key', ({ key }) => key);
  const window = () => keyed.window(tumbling({ length: '1h', align: START - 30 * MINUTE }));
  const seen: Record<string, unknown> = {};
  const note = <T>(name: string): Sink<{ window: { start: number; end: number }; value: T }> => ({
    kind: 'note',
    open: () => ({
      write: ([result]) => {
        assert.deepEqual(
          [result?.window.start, result?.window.end],
          [START - 30 * MINUTE, START + 30 * MINUTE],
          name,
        );
        seen[name] = result?.value;
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    }),
  });
  type Item = (typeof items)[number];
  const value = (item: Item) => item.value;
  window().count('count').sink('count-out', note('count'));
  window().min('min', value).sink('min-out', note('min'));
  window().max('max', value).sink('max-out', note('max'));
  window().mean('mean', value).sink('mean-out', note('mean'));
  window().collect('collect').sink('collect-out', note('collect'));
  window()
    .reduce('reduce', (a, b) => ((a.value ?? 0) >= (b.value ?? 0) ? a : b))
    .sink('reduce-out', note('reduce'));
  window()
    .fold('fold', {
      initial: () => '',
      fold: (text, item) => `${text}${String(item.value)};`,
      result: (text) => text.length,
    })
    .sink('fold-out', note('fold'));
  await runLocal(built.graph, { print: () => Promise.resolve() });
  assert.deepEqual(seen, {
    count: 5,
    min: 1,
    max: 7,
    mean: 4,
    collect: items,
    reduce: items[4],
    fold: '4;null;1;NaN;7;'.length,
  });
});

test('an unordered session that a record joins to another needs a merge, and folds both', async () => {
  const items = [at(0), at(10), at(5)];
  const built = flow('sessions');
  const sizes: unknown[] = [];
  const keyed = built
    .source('in', records(items, { block: 1 }))
    .eventTime('time', { at: ({ time }) => time, lateness: '1h' })
    .keyBy('key', ({ key }) => key);
  const window = keyed.window(session({ gap: '6m' }), { ordered: false });
  assert.throws(() => window.fold('bad', { initial: () => 0, fold: (n) => n + 1 }), /needs a merge function/);
  window.count('sizes').sink('out', into(sizes));
  await runLocal(built.graph, { print: () => Promise.resolve() });
  assert.deepEqual(
    sizes.map((result) => (result as { value: number }).value),
    [3],
  );
});

test('settings that nothing checked the types of are refused by name', () => {
  const source = flow('wrong').source('in', records([1]));
  const wrong = (options: object) => () => source.eventTime('time', { at: (n) => n, ...options });
  assert.throws(wrong({ watermark: 'keys' }), /step "time": watermark: "keys" is neither source nor key/);
  assert.throws(wrong({ format: 'seconds' }), /"seconds" is no format of stamps/);
  assert.throws(() => tumbling({} as { length: string }), /tumbling\.length: undefined is no duration/);
  assert.throws(() => tumbling({ length: 0 }), /tumbling\.length: 0 must be above 0/);
});
