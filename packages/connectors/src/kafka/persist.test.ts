import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persist } from './persist.ts';
import { KafkaFailure } from './port.ts';

const later = () => Promise.reject(new KafkaFailure('retry', 'commit: timed out', 7));

function clock() {
  let now = 0;
  return {
    now: () => now,
    pause: (ms: number) => {
      now += ms;
      return Promise.resolve();
    },
  };
}

test('a call that is to be made later is made again until it is through', async () => {
  let calls = 0;
  const work = () => (++calls < 5 ? later() : Promise.resolve());
  await persist(work, { ...clock(), stopped: () => false });
  assert.equal(calls, 5);
});

test('a call that never gets through ends, and says after how long', async () => {
  const time = clock();
  await assert.rejects(persist(later, { ...time, stopped: () => false, limitMs: 30_000 }), {
    kind: 'fatal',
    errorCode: 7,
    message: 'commit: timed out (given up after 30 s)',
  });
  assert.equal(time.now(), 30_000);
});

test('it ends at once for who is told to stop, and for any other failure', async () => {
  await assert.rejects(persist(later, { ...clock(), stopped: () => true }), { kind: 'fatal' });
  const fenced = () => Promise.reject(new KafkaFailure('fenced', 'another'));
  await assert.rejects(persist(fenced, { ...clock(), stopped: () => false }), { kind: 'fenced' });
});
