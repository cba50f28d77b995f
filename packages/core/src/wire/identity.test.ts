import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK, checkDevice, deviceTopics, nextBlock } from './identity.ts';
import { decodePayload, encodePayload } from './payload.ts';

test('an id that could reach beyond its own topics is refused', () => {
  for (const id of ['k-17', 'A.b_c', '7']) assert.equal(checkDevice(id), id);
  for (const id of ['', '+', '#', 'a/b', 'a\0', '$SYS', '-a', '__proto__', 'é', 'a b', 'x'.repeat(65)]) {
    assert.throws(() => checkDevice(id), { code: 'config.invalid' });
  }
});

test('topics follow the pattern and hold no wildcard', () => {
  assert.deepEqual(deviceTopics('k-17'), {
    data: 'tele/k-17',
    status: 'tele/k-17/status',
    acks: 'cmd/k-17/ack',
  });
  for (const bad of ['a/+/b', 'a/#', '', '/a', '$share/x', 'a/']) {
    assert.throws(() => deviceTopics('k', bad), { code: 'config.invalid' });
  }
});

test('a start of the agent takes the next block', () => {
  assert.equal(nextBlock(1), BLOCK);
  assert.equal(nextBlock(BLOCK), 2 * BLOCK);
});

test('a payload is one JSON object in UTF-8, and nothing that could reach a prototype', () => {
  assert.deepEqual(decodePayload(encodePayload({ a: [1, { b: 'é' }] })), { a: [1, { b: 'é' }] });
  const refused = ['', '1', 'null', '[]', '{', '{"__proto__":1}', '{"a":{"\\u005f_proto__":{}}}'];
  const texts = [...refused, '{"a":'.repeat(20) + '1' + '}'.repeat(20)];
  for (const text of texts) {
    assert.throws(() => decodePayload(new TextEncoder().encode(text)), { code: 'data.invalid' }, text);
  }
  assert.throws(() => decodePayload(Uint8Array.of(0x7b, 0xff, 0x7d)), { code: 'data.invalid' });
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  assert.throws(() => encodePayload(cycle), { code: 'data.invalid' });
  assert.throws(() => encodePayload({ a: 'x'.repeat(40_000) }), /at most 32768/);
});
