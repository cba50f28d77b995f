import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from './frame.ts';
import { BLOCK } from './identity.ts';
import { Received, ackOf } from './received.ts';

function frame(sequences: number[], more: Partial<Frame> = {}): Frame {
  return {
    device: 'k-17',
    incarnation: '0123456789abcdef',
    live: false,
    urgent: false,
    floor: 1,
    prev: 0,
    round: 1,
    bootFirst: 1,
    sentAt: 0,
    sentMono: 0,
    records: sequences.map((sequence) => ({ sequence, at: 0, mono: 0, payload: new Uint8Array() })),
    ...more,
  };
}
const freshOf = (received: Received, given: Frame): number[] | string => {
  const verdict = received.take(given);
  return verdict.refused ? verdict.why : verdict.fresh.map((record) => record.sequence);
};

test('a frame sent again, in whole or in part, is stored once and acknowledged each time', () => {
  const received = new Received();
  assert.deepEqual(freshOf(received, frame([1, 2, 3])), [1, 2, 3]);
  assert.deepEqual(freshOf(received, frame([2, 3, 4])), [4]);
  assert.equal(received.duplicates, 2);
  const again = frame([1, 2, 5]);
  assert.deepEqual(ackOf(again, received.take(again), 9).runs, [
    [1, 2],
    [5, 5],
  ]);
});

test('a frame that overtook the one before it is refused, and taken after it', () => {
  const received = new Received();
  const late = frame([4, 5], { prev: 3 });
  assert.equal(freshOf(received, late), 'gap');
  assert.equal(ackOf(late, { refused: true, why: 'gap' }, 9).refused, true);
  assert.deepEqual(freshOf(received, frame([1, 2, 3])), [1, 2, 3]);
  assert.deepEqual(freshOf(received, late), [4, 5]);
});

test('a frame that overtook the one before it is refused too where that one ends in readings that came live', () => {
  const received = new Received();
  received.take(frame([3, 4], { live: true }));
  const behind = frame([5, 6], { prev: 4, round: 2 });
  assert.equal(freshOf(received, behind), 'gap');
  assert.deepEqual(freshOf(received, frame([1, 2, 3, 4], { round: 2 })), [1, 2]);
  assert.deepEqual(freshOf(received, behind), [5, 6]);
});

test('a frame of a round before is taken for its readings that are stored, and refused otherwise', () => {
  const received = new Received();
  received.take(frame([1, 2], { round: 1 }));
  received.take(frame([1, 2, 3], { round: 2 }));
  assert.deepEqual(freshOf(received, frame([1, 2], { round: 1 })), []);
  assert.equal(freshOf(received, frame([4], { prev: 2, round: 1 })), 'gap');
  assert.deepEqual(freshOf(received, frame([4], { prev: 3, round: 2 })), [4]);
});

test('live goes ahead of the backlog, and a live frame of the past does not follow a newer one', () => {
  const received = new Received();
  assert.deepEqual(freshOf(received, frame([100], { live: true })), [100]);
  assert.deepEqual(freshOf(received, frame([1, 2])), [1, 2]);
  assert.equal(freshOf(received, frame([99], { live: true })), 'order');
  assert.deepEqual(freshOf(received, frame([99])), [99]);
});

test('what the device gave up is a gap, counted once, and the unused end of a block is none', () => {
  const received = new Received();
  received.take(frame([1, 2, 5, 6]));
  received.take(frame([10], { floor: 10 }));
  assert.equal(received.gaps, 2 + 3);
  received.take(frame([BLOCK + 1], { floor: BLOCK + 1 }));
  assert.equal(received.gaps, 2 + 3 + 1);
  assert.deepEqual(freshOf(received, frame([3, 10], { floor: 2 })), []);
});

test('state goes through JSON', () => {
  const received = new Received();
  received.take(frame([1, 2, 7], { live: true }));
  const copy = new Received(JSON.parse(JSON.stringify(received)));
  assert.deepEqual(copy.toJSON(), received.toJSON());
  assert.equal(freshOf(copy, frame([6], { live: true })), 'order');
});

test('holes are bounded: a device that makes too many is refused until it fills them', () => {
  const received = new Received();
  const holes = Array.from({ length: 1024 }, (_, i) => 2 * i + 2);
  received.take(frame(holes));
  assert.equal(freshOf(received, frame([9000])), 'holes');
  assert.deepEqual(freshOf(received, frame([1])), [1]);
});

test('a frame below its own floor contradicts itself', () => {
  assert.throws(() => new Received().take(frame([1], { floor: 2 })), { code: 'data.invalid' });
});
