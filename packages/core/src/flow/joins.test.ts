import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runLocal } from '../engine/run.ts';
import type { Sink } from '../engine/sink.ts';
import { partitioned, type Reading } from '../testing/partitioned.ts';
import { countWindow } from '../window/count.ts';
import { session } from '../window/session.ts';
import { tumbling } from '../window/tumbling.ts';
import { flow } from './flow.ts';
import { records } from './records.ts';
import type { KeyedStream } from './stream.ts';

/** A record of either side; `id` makes every record another. */
interface Item {
  readonly id: number;
  readonly side: 'left' | 'right';
  readonly key: string;
  readonly time: number;
}

type Keyed = KeyedStream<string, Item>;
interface Result {
  readonly key: string;
  readonly left: number;
  readonly right: number | null;
  readonly window?: readonly [number, number];
}

const START = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;
const LATENESS = 30;
const silent = { print: () => Promise.resolve() };

function collector<T>(take: (item: T) => void): Sink<T> {
  return {
    kind: 'collect',
    open: () => ({
      write: (items) => Promise.resolve(items.forEach(take)),
      close: () => Promise.resolve(),
    }),
  };
}

const ids = (key: string, left: Item, right: Item | null): Result => ({
  key,
  left: left.id,
  right: right?.id ?? null,
});

/** Each kind of join with what it must give, found by looking at every combination. */
const kinds: Record<
  string,
  {
    readonly join: (left: Keyed, right: Keyed, take: (result: Result) => void, late: () => void) => void;
    readonly expected: (lefts: readonly Item[], rights: readonly Item[]) => Result[];
  }
> = {
  inner: {
    join(left, right, take, late) {
      const joined = left.join('join', right, { within: { before: '10m', after: '5m' } });
      joined.sink(
        'out',
        collector((pair) => take(ids(pair.key, pair.left, pair.right))),
      );
      joined.late.sink('late', collector(late));
    },
    expected: (lefts, rights) =>
      lefts.flatMap((left) =>
        rights.filter((right) => isWithin(left, right)).map((right) => ids(left.key, left, right)),
      ),
  },
  left: {
    join(left, right, take, late) {
      const joined = left.leftJoin('join', right, { within: { before: '10m', after: '5m' } });
      joined.sink(
        'out',
        collector((pair) => take(ids(pair.key, pair.left, pair.right))),
      );
      joined.late.sink('late', collector(late));
    },
    expected: (lefts, rights) =>
      lefts.flatMap((left) => {
        const found = rights.filter((right) => isWithin(left, right));
        return found.length === 0
          ? [ids(left.key, left, null)]
          : found.map((right) => ids(left.key, left, right));
      }),
  },
  'as-of': {
    join(left, right, take, late) {
      const joined = left.asOfJoin('join', right, { tolerance: '20m' });
      joined.sink(
        'out',
        collector((pair) => take(ids(pair.key, pair.left, pair.right))),
      );
      joined.late.sink('late', collector(late));
    },
    expected: (lefts, rights) =>
      lefts.map((left) => {
        const before = rights.filter(
          ({ key, time }) => key === left.key && time <= left.time && left.time - time <= 20 * MINUTE,
        );
        return ids(left.key, left, before.toSorted((a, b) => a.time - b.time).at(-1) ?? null);
      }),
  },
  windowed: {
    join(left, right, take, late) {
      const joined = left.window(tumbling({ length: '30m', align: START })).leftJoin('join', right);
      joined.sink(
        'out',
        collector(({ key, window, value }) =>
          take({ ...ids(key, value.left, value.right), window: [window.start, window.end] }),
        ),
      );
      joined.late.sink('late', collector(late));
    },
    expected: (lefts, rights) =>
      lefts.flatMap((left): Result[] => {
        const start = START + Math.floor((left.time - START) / (30 * MINUTE)) * 30 * MINUTE;
        const window = [start, start + 30 * MINUTE] as const;
        const found = rights.filter(
          ({ key, time }) => key === left.key && time >= window[0] && time < window[1],
        );
        return (found.length === 0 ? [null] : found).map((right) => ({
          ...ids(left.key, left, right),
          window,
        }));
      }),
  },
};

function isWithin(left: Item, right: Item): boolean {
  const after = right.time - left.time;
  return left.key === right.key && after >= -10 * MINUTE && after <= 5 * MINUTE;
}

const byText = (results: readonly Result[]) => results.map((result) => JSON.stringify(result)).toSorted();

/** Both sides from one source of two partitions, or each from a source of its own. */
async function run(
  kind: string,
  arrived: readonly Item[],
  how: { readonly reading: Reading; readonly apart: boolean; readonly mode: 'source' | 'key' },
): Promise<{ results: Result[]; late: number }> {
  const results: Result[] = [];
  let late = 0;
  const built = flow('joins');
  const time = {
    at: (item: Item) => item.time,
    lateness: LATENESS * MINUTE,
    idle: '1d',
    watermark: how.mode,
  };
  const of = (side: string) => arrived.filter((item) => item.side === side);
  const keyed = (side: 'left' | 'right'): Keyed =>
    built
      .source(`in-${side}`, partitioned([of(side)], how.reading))
      .eventTime(`time-${side}`, time)
      .keyBy(`key-${side}`, ({ key }) => key);
  const take = (result: Result) => results.push(result);
  const join = kinds[kind]?.join as (typeof kinds)[string]['join'];
  if (how.apart) {
    join(keyed('left'), keyed('right'), take, () => late++);
  } else {
    const both = built
      .source('in', partitioned([arrived], how.reading))
      .eventTime('time', time)
      .keyBy('key', ({ key }) => key);
    const right = both.filter('rights', ({ side }) => side === 'right');
    join(
      both.filter('lefts', ({ side }) => side === 'left'),
      right,
      take,
      () => late++,
    );
  }
  await runLocal(built.graph, silent);
  return { results, late };
}

/** Records, each delayed by no more than the lateness, in the order in which they arrive. Times of one side are all different. */
const arrivals = fc
  .uniqueArray(
    fc.record({
      minute: fc.integer({ min: 0, max: 200 }),
      delay: fc.integer({ min: 0, max: LATENESS }),
      key: fc.constantFrom('a', 'b', 'c'),
      side: fc.constantFrom('left' as const, 'right' as const),
    }),
    { selector: ({ minute, side }) => `${side} ${minute}`, maxLength: 60 },
  )
  .map((list) =>
    list
      .toSorted((a, b) => a.minute + a.delay - (b.minute + b.delay))
      .map(({ minute, side, key }, id): Item => ({ id, side, key, time: START + minute * MINUTE })),
  );

for (const [kind, { expected }] of Object.entries(kinds)) {
  test(`${kind} join: every pair there is and no other, whatever the order of arrival, the block size and the turns`, async () => {
    await fc.assert(
      fc.asyncProperty(
        arrivals,
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.constantFrom('source' as const, 'key' as const),
        async (arrived, block, apart, mode) => {
          const [lefts, rights] = [
            arrived.filter(({ side }) => side === 'left'),
            arrived.filter(({ side }) => side === 'right'),
          ];
          // By key a stream that is read ahead moves the key's own clock, so both sides must come as they happened.
          const how = { reading: { block, turns: [0] }, apart: apart && mode === 'source', mode };
          const { results, late } = await run(kind, arrived, how);
          assert.equal(late, 0);
          assert.deepEqual(byText(results), byText(expected(lefts, rights)));
        },
      ),
      { numRuns: 100 },
    );
  });
}

test('pairs come in the order of event time, and a record behind the watermark is late, with its side', async () => {
  const at = (id: number, side: Item['side'], minute: number): Item => ({
    id,
    side,
    key: 'a',
    time: START + minute * MINUTE,
  });
  const arrived = [
    at(0, 'left', 0),
    at(1, 'right', 8),
    at(2, 'right', 2),
    at(3, 'left', 100),
    at(4, 'right', 60),
    at(5, 'left', 69),
    at(6, 'right', 101),
  ];
  for (const block of [1, 2, 3, 10]) {
    const built = flow('late');
    const pairs: unknown[] = [];
    const late: unknown[] = [];
    const both = built
      .source('in', records(arrived, { block }))
      .eventTime('time', { at: ({ time }) => time, lateness: '30m' })
      .keyBy('key', ({ key }) => key);
    const joined = both
      .filter('l', ({ side }) => side === 'left')
      .join(
        'join',
        both.filter('r', ({ side }) => side === 'right'),
        { within: '10m' },
      );
    joined.sink(
      'out',
      collector(({ left, right }) => pairs.push([left.id, right.id])),
    );
    joined.late.sink(
      'late',
      collector(({ key, side, time, value }) =>
        late.push([key, side, (time - START) / MINUTE, (value as Item).id]),
      ),
    );
    const { steps } = await runLocal(built.graph, silent);
    assert.deepEqual(pairs, [
      [0, 2],
      [0, 1],
      [3, 6],
    ]);
    assert.deepEqual(late, [
      ['a', 'right', 60, 4],
      ['a', 'left', 69, 5],
    ]);
    assert.equal(steps['join']?.['joined'], 3);
    assert.equal(steps['join']?.['late'], 2);
  }
});

test('a record that comes when the watermark is at its time still finds the other of that time', async () => {
  const at = (id: number, side: Item['side'], minute: number): Item => ({
    id,
    side,
    key: 'a',
    time: START + minute * MINUTE,
  });
  const arrived = [at(0, 'left', 0), at(1, 'left', LATENESS), at(2, 'right', 0)];
  for (const block of [1, 3]) {
    const { results } = await run('as-of', arrived, {
      reading: { block, turns: [0] },
      apart: false,
      mode: 'source',
    });
    assert.deepEqual(results[0], { key: 'a', left: 0, right: 2 }, `block ${block}`);
  }
});

test('a short source that has ended does not hold back a join', async () => {
  const reading = (minute: number): Item => ({
    id: minute,
    side: 'left',
    key: 'a',
    time: START + minute * MINUTE,
  });
  const built = flow('ended');
  const seen: number[] = [];
  const time = { at: (item: Item) => item.time };
  const left = built
    .source(
      'left',
      records(
        Array.from({ length: 50 }, (_, i) => reading(i)),
        { block: 1 },
      ),
    )
    .eventTime('left-time', time)
    .keyBy('left-key', ({ key }) => key);
  const right = built
    .source('right', records([reading(0)]))
    .eventTime('right-time', time)
    .keyBy('right-key', ({ key }) => key);
  let processed = 0;
  left.inspect('look', () => processed++);
  left.asOfJoin('join', right).sink(
    'out',
    collector(() => seen.push(processed)),
  );
  await runLocal(built.graph, silent);
  assert.equal(seen.length, 50);
  assert.ok((seen[10] as number) < 20, 'the first results come long before the end');
});

test('results of a join and of a session can be put into windows behind a re-key: none is late there', async () => {
  const items = Array.from({ length: 40 }, (_, id): Item => ({
    id,
    side: id % 3 === 0 ? 'right' : 'left',
    key: id % 2 === 0 ? 'a' : 'b',
    time: START + id * 7 * MINUTE + 0.25,
  }));
  const outcomes: unknown[] = [];
  for (const block of [1, 3, 100]) {
    const built = flow('chain');
    const counted: number[] = [];
    const windows: unknown[] = [];
    const both = built
      .source('in', records(items, { block }))
      .eventTime('time', { at: ({ time }) => time })
      .keyBy('key', ({ key }) => key);
    const joined = both
      .filter('l', ({ side }) => side === 'left')
      .leftJoin(
        'join',
        both.filter('r', ({ side }) => side === 'right'),
        { within: '10m' },
      );
    const sessions = joined.window(session({ gap: '12m' })).count('sessions');
    const hours = sessions
      .keyBy('all', () => 'all')
      .window(tumbling({ length: '1h', align: START }))
      .fold('hours', { initial: () => 0, fold: (sum, { value }) => sum + value });
    hours.sink(
      'out',
      collector(({ window, value }) => {
        counted.push(value);
        windows.push([window.start, value]);
      }),
    );
    outcomes.push(windows);
    const { steps } = await runLocal(built.graph, silent);
    assert.deepEqual(
      ['join', 'sessions', 'hours'].map((id) => steps[id]?.['late']),
      [0, 0, 0],
      `block ${block}`,
    );
    assert.equal(
      counted.reduce((sum, n) => sum + n, 0),
      (steps['join']?.['joined'] as number) + (steps['join']?.['unmatched'] as number),
    );
  }
  assert.deepEqual(outcomes[1], outcomes[0]);
  assert.deepEqual(outcomes[2], outcomes[0]);
});

test('what cannot be joined is refused at build, by name', () => {
  const built = flow('f');
  const timed = (id: string, options: object = {}) =>
    built
      .source(id, records([{ key: 'a', time: START }]))
      .eventTime(`${id}-time`, { at: ({ time }) => time, ...options })
      .keyBy(`${id}-key`, ({ key }) => key);
  const bare = built.source('bare', records([{ key: 'a', time: START }])).keyBy('bare-key', ({ key }) => key);
  const [left, byKey] = [timed('left'), timed('by-key', { watermark: 'key' })];
  const other = flow('g')
    .source('in', records([{ key: 'a', time: START }]))
    .keyBy('k', ({ key }) => key);
  assert.throws(() => left.join('j', bare, { within: '1m' }), {
    code: 'flow.invalid',
    message: /step "j": a join needs event time; the right stream has none/,
  });
  assert.throws(() => left.join('j', byKey, { within: '1m' }), /different watermarks \(source and key\)/);
  assert.throws(() => left.join('j', other, { within: '1m' }), /same flow/);
  assert.throws(() => left.join('j', timed('r1'), { within: 'soon' }), /step "j": within: "soon"/);
  assert.throws(() => left.join('j', timed('r2'), { within: Infinity }), /keep every record/);
  assert.throws(() => left.asOfJoin('j', timed('r3'), { type: 'outer' as 'left' }), /neither left nor inner/);
  assert.throws(
    () => left.window(countWindow({ size: 2 })).join('j', timed('r4')),
    /count window cannot be joined/,
  );
});

test('event time that is read twice, or apart with other settings, is refused', async () => {
  const item = { time: START };
  const twice = flow('f')
    .source('in', records([item]))
    .eventTime('first', { at: ({ time }) => time })
    .eventTime('second', { at: ({ time }) => time })
    .sink(
      'out',
      collector(() => undefined),
    );
  await assert.rejects(runLocal(twice.graph, silent), {
    code: 'flow.invalid',
    message: /step "second" reads event time that step "first" has read already/,
  });
  const apart = flow('f');
  const source = apart.source('in', records([item]));
  for (const lateness of ['1m', '2m']) {
    source.eventTime(`time-${lateness}`, { at: ({ time }) => time, lateness }).sink(
      `out-${lateness}`,
      collector(() => undefined),
    );
  }
  await assert.rejects(
    runLocal(apart.graph, silent),
    /"time-1m" and "time-2m" read event time of source "in"/,
  );
});
