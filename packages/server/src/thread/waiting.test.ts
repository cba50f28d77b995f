import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeFrame } from '@linnet/core/wire';
import type { Inbound } from '../ingest/inbound.ts';
import { Waiting } from './waiting.ts';

const message = (topic: string, payload: Uint8Array): Inbound => ({
  topic,
  payload,
  tenant: '',
  packetId: 1,
  dup: false,
});
const frame = (live: boolean, bytes = 40_000) =>
  encodeFrame({
    device: 'k-1',
    incarnation: '0123456789abcdef',
    live,
    urgent: false,
    floor: 1,
    prev: 0,
    round: 1,
    bootFirst: 1,
    sentAt: 0,
    sentMono: 0,
    records: [{ sequence: 1, at: 0, mono: 0, payload: new Uint8Array(bytes) }],
  });

test('what is new goes ahead of backlog, of which a transaction takes its share; each keeps its order, and nothing is left', () => {
  const waiting = new Waiting();
  const answered: string[] = [];
  const push = (topic: string, payload: Uint8Array) =>
    waiting.push(message(topic, payload), () => answered.push(topic));
  for (let i = 0; i < 10; i++) assert.equal(push(`old ${i}`, frame(false)), true);
  assert.equal(push('new 0', frame(true)), false);
  assert.equal(push('plain', new TextEncoder().encode('{"n":1}')), false);
  const taken: string[][] = [];
  for (let one = waiting.take(128 << 10); one !== undefined; one = waiting.take(128 << 10)) {
    assert.equal(
      one.bytes,
      one.messages.reduce((sum, { payload }) => sum + payload.length, 0),
    );
    for (const done of one.done) done();
    taken.push(one.messages.map(({ topic }) => topic));
    if (taken.length === 1) push('new 1', frame(true));
  }
  assert.deepEqual(taken[0]?.slice(0, 3), ['new 0', 'plain', 'old 0']);
  assert.equal(taken[1]?.[0], 'new 1');
  assert.ok(taken.length > 2 && taken.every((topics) => topics.length < 8), JSON.stringify(taken));
  const old = taken.flat().filter((topic) => topic.startsWith('old'));
  assert.deepEqual(
    old,
    Array.from({ length: 10 }, (_, i) => `old ${i}`),
  );
  assert.deepEqual(answered, taken.flat());
  assert.ok(waiting.isEmpty);
});

test('where no backlog may go what is new goes alone; a single message of backlog goes, however large', () => {
  const waiting = new Waiting();
  waiting.push(message('old', frame(false)), () => undefined);
  assert.equal(waiting.take(0), undefined);
  waiting.push(message('new', frame(true)), () => undefined);
  const taken = waiting.take(0);
  assert.deepEqual(
    [taken?.present, taken?.backlog, taken?.messages.map(({ topic }) => topic)],
    [true, false, ['new']],
  );
  assert.deepEqual(
    waiting.take(1)?.messages.map(({ topic }) => topic),
    ['old'],
  );
});
