import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLocal } from '../engine/run.ts';
import { tumbling } from '../window/tumbling.ts';
import { flow } from './flow.ts';
import { print } from './print.ts';
import { records } from './records.ts';

const STAMPS = ['2024-01-01T10:00:00Z', '1690000000', '', '2024-01-01T12:00:00Z', '2024-01-01T11:00:00Z'];

function counted(isRead: boolean) {
  const made = flow('hours');
  const timed = made
    .source('in', records(STAMPS))
    .eventTime('time', { at: (stamp) => stamp, format: 'iso', lateness: 0 });
  const hours = timed
    .keyBy('all', () => 'all')
    .window(tumbling({ length: '1h' }))
    .count('count');
  hours.sink('out', print());
  if (isRead) {
    hours.late.sink('late', print());
    timed.quarantined.sink('bad', print());
  }
  return runLocal(made.graph, {
    clock: { now: () => Date.UTC(2024, 1, 1) },
    print: () => Promise.resolve(),
  });
}

test('records in quarantine and late ones that no step takes are told at the end of a run', async () => {
  const { advice } = await counted(false);
  assert.equal(advice.length, 2);
  assert.match(advice[0] as string, /^step "time": 2 of 5 records went to quarantine.*"iso"/);
  assert.match(advice[1] as string, /^step "count": what came too late \(1,/);
});

test('where a step takes them nothing is said', async () => {
  assert.deepEqual((await counted(true)).advice, []);
});
