import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Windower } from '../base/window.ts';
import { runLocal } from '../engine/run.ts';
import { countWindow } from '../window/count.ts';
import { session } from '../window/session.ts';
import { sliding } from '../window/sliding.ts';
import { tumbling } from '../window/tumbling.ts';
import { flow } from './flow.ts';
import { records } from './records.ts';

interface Event {
  readonly created_at: string;
  readonly coordinates: string;
  readonly 'PM2.5_CF1_ug/m3': string;
}

interface GoldenCase {
  readonly name: string;
  readonly ordered: boolean;
  readonly source_batch: number;
  readonly inputs: [string, Event][];
  readonly closes: {
    key: string;
    window: number;
    value: { sensors: string[]; times: string[]; values: number[] };
  }[];
  readonly late: { key: string; window: number; event: Event }[];
  readonly meta: { key: string; window: number; open: string; close: string }[];
}

const golden = JSON.parse(readFileSync('golden/windows.json', 'utf8')) as { cases: GoldenCase[] };
const align = '2022-07-18T00:00Z';

/** The windower and lateness that a golden case names. */
function settingsOf(name: string): { windower: Windower<never>; lateness: string } {
  const lateness = `${/wait (\d+)/.exec(name)?.[1]}h`;
  const [, length, every] = /(\d+)h(?: by (\d+)h)?/.exec(name) ?? [];
  const windower = name.startsWith('session')
    ? session({ gap: '1h' })
    : every === undefined
      ? tumbling({ length: `${length}h`, align })
      : sliding({ length: `${length}h`, every: `${every}h`, align });
  return { windower: windower as unknown as Windower<never>, lateness };
}

/** Collects what reaches a sink. */
function collector<T>(into: T[]) {
  return {
    kind: 'collect',
    open: () => ({
      write: (items: readonly T[]) => {
        into.push(...items);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    }),
  };
}

const silent = { print: () => Promise.resolve() };
const iso = (time: number) => new Date(time).toISOString();

for (const wanted of golden.cases) {
  test(`as Bytewax, each key by its own clock: ${wanted.name}`, async () => {
    const { windower, lateness } = settingsOf(wanted.name);
    const built = flow('golden');
    const closes: unknown[] = [];
    const meta: unknown[] = [];
    const late: unknown[] = [];
    const windows = built
      .source('in', records(wanted.inputs, { block: wanted.source_batch }))
      .eventTime('time', { at: ([, event]) => event.created_at, format: 'iso', lateness, watermark: 'key' })
      .keyBy('region', ([region]) => region)
      .window(windower, { ordered: wanted.ordered })
      .collect('windows');
    windows
      .map('closed', ({ key, window, value }) => {
        const events = value.map(([, event]) => event);
        meta.push({ key, window: window.id, open: iso(window.start), close: iso(window.end) });
        return {
          key,
          window: window.id,
          sensors: events.map((event) => event.coordinates),
          times: events.map((event) => event.created_at),
          values: events.map((event) => Number(event['PM2.5_CF1_ug/m3'])),
        };
      })
      .sink('out', collector(closes));
    windows.late
      .map('too-late', ({ key, window, value }) => ({ key, window, event: value[1] }))
      .sink('late', collector(late));
    await runLocal(built.graph, silent);
    assert.deepEqual(
      closes,
      wanted.closes.map(({ key, window, value }) => ({ key, window, ...value })),
    );
    assert.deepEqual(late, wanted.late);
    assert.deepEqual(
      meta,
      wanted.meta.map(({ key, window, open, close }) => ({
        key,
        window,
        open: iso(Date.parse(open)),
        close: iso(Date.parse(close)),
      })),
    );
  });
}

test('a window of a count closes when it is full, and what is left comes out at the end', async () => {
  const built = flow('count');
  const sizes: unknown[] = [];
  built
    .source('in', records([3, 1, 2, 5, 4], { block: 2 }))
    .eventTime('time', { at: (n) => 1.7e9 + n, format: 's', lateness: '1d' })
    .keyBy('all', () => 'all')
    .window(countWindow({ size: 2 }))
    .collect('pairs')
    .sink('out', collector(sizes));
  await runLocal(built.graph, silent);
  const span = (start: number, end: number) => ({ start: (1.7e9 + start) * 1000, end: (1.7e9 + end) * 1000 });
  assert.deepEqual(sizes, [
    { key: 'all', window: { id: 0, ...span(1, 2) }, value: [1, 2] },
    { key: 'all', window: { id: 1, ...span(3, 4) }, value: [3, 4] },
    { key: 'all', window: { id: 2, ...span(5, 5) }, value: [5] },
  ]);
});
