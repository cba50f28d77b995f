import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './pace.ts';

/** A second of transactions every 10 ms, each with something new that waited so long, some beside backlog. @returns the clock after it */
function present(pace: Pace, from: number, waitedMs: number, backlog = 0): number {
  for (let now = from; now < from + 1000; now += 10) {
    pace.worked({ tookMs: 1, backlog, presentWaitedMs: waitedMs }, now);
  }
  return from + 1000;
}

test('backlog that comes alone has all the time, and no device waits', () => {
  const pace = new Pace();
  const { restMs, bytes } = pace.worked({ tookMs: 50, backlog: 10_000, presentWaitedMs: undefined }, 1000);
  assert.deepEqual([restMs, pace.pauseMs(1000, 1000)], [0, 0]);
  const beside = new Pace();
  const now = present(beside, 0, 1);
  const small = beside.worked({ tookMs: 50, backlog: 10_000, presentWaitedMs: 1 }, now);
  assert.ok(small.restMs > 0 && small.bytes < bytes / 4);
  // Nothing new for a while, and it is alone again.
  assert.equal(
    beside.worked({ tookMs: 50, backlog: 10_000, presentWaitedMs: undefined }, now + 3000).restMs,
    0,
  );
});

test('its share grows step by step while what is new is stored soon, and falls at once when it is not', () => {
  const pace = new Pace();
  let now = present(pace, 0, 1);
  const first = pace.shareAt(now);
  now = present(pace, now, 1);
  const second = pace.shareAt(now);
  assert.ok(second > first && second - first < 0.1, `${first} ${second}`);
  for (let i = 0; i < 30; i++) now = present(pace, now, 1);
  const most = pace.shareAt(now);
  assert.equal(most, 0.5);
  now = present(pace, now, 100, 100);
  assert.ok(pace.shareAt(now) < most / 8);
  for (let i = 0; i < 30; i++) now = present(pace, now, 100, 100);
  assert.ok(pace.shareAt(now) > 0, 'it never starves');
  const least = pace.shareAt(now);
  assert.equal(pace.shareAt(present(pace, now, 15, 100)), least, 'between good and bad it stays');
});

test('a transaction with backlog is followed by a rest in which the store is free for the rest of the time', () => {
  const pace = new Pace();
  const now = present(pace, 0, 1);
  const { restMs } = pace.worked({ tookMs: 8, backlog: 500, presentWaitedMs: 1 }, now);
  assert.ok(Math.abs(8 / (8 + restMs) - pace.shareAt(now)) < 1e-12);
  assert.equal(pace.worked({ tookMs: 8, backlog: 0, presentWaitedMs: 1 }, now).restMs, 0);
});

test('pauses of many devices add up to the share, in turn, and have a limit', () => {
  const pace = new Pace();
  const now = present(pace, 0, 1);
  for (let i = 0; i < 200; i++) pace.worked({ tookMs: 10, backlog: 1000, presentWaitedMs: undefined }, now);
  const pauses = Array.from({ length: 100 }, () => pace.pauseMs(500, now));
  // 500 readings take 5 ms of the store; with its share of the time each device comes after all before it.
  const turn = 5 / pace.shareAt(now);
  pauses.forEach((ms, i) =>
    assert.ok(Math.abs(ms - (i + 1) * turn) <= 1, `${i}: ${ms}, not ${(i + 1) * turn}`),
  );
  const long = Array.from({ length: 5000 }, () => pace.pauseMs(500, now));
  assert.equal(Math.max(...long), 60_000);
});

test('what waited while there was no backlog does not count against it', () => {
  const pace = new Pace();
  const now = present(pace, 0, 1);
  const before = pace.shareAt(now);
  assert.ok(pace.shareAt(present(pace, now, 300)) >= before);
});
