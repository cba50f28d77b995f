import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeAck, encodeAck, type Ack } from './ack.ts';

const sample: Ack = {
  incarnation: '0123456789abcdef',
  receivedAt: 1_700_000_000_000,
  round: 3,
  refused: false,
  runs: [
    [1, 1],
    [5, 2 ** 40],
  ],
};

test('an acknowledgement reads back what was written', () => {
  assert.deepEqual(decodeAck(encodeAck(sample)), sample);
  const refused = { ...sample, refused: true, runs: [] };
  assert.deepEqual(decodeAck(encodeAck(refused)), refused);
  for (const pauseMs of [0, 61_234]) {
    const paused = { ...sample, pauseMs };
    assert.deepEqual(decodeAck(encodeAck(paused)), paused);
  }
});

test('a damaged acknowledgement acknowledges nothing', () => {
  const bytes = encodeAck({ ...sample, pauseMs: 5 });
  for (let i = 0; i < bytes.length; i++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = bytes.slice();
      flipped[i] = (flipped[i] as number) ^ (1 << bit);
      assert.throws(() => decodeAck(flipped), { code: 'data.invalid' });
    }
    assert.throws(() => decodeAck(bytes.subarray(0, i)), { code: 'data.invalid' });
  }
});

test('the bytes of version 1 stay readable for ever', () => {
  assert.deepEqual(
    decodeAck(Buffer.from('4c41010044e3f2870123456789abcdef80d095ffbc310302010004fbffffffff1f', 'hex')),
    sample,
  );
});
