import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CloudDecoder } from './decoder.ts';
import { GatewayEncoder, type Message } from './encoder.ts';
import type { LinkConfig } from './message/link.ts';

const link: LinkConfig = {
  channels: [
    { name: 'a', epsilon: 0.5 },
    { name: 'b', epsilon: 0.1 },
  ],
  startMs: 0,
  everyMs: 1000,
  deadline: 2,
  heartbeat: 10,
  tolerance: 0,
};

function sent(session = 7, instants = 200): { encoder: GatewayEncoder; messages: Message[] } {
  const encoder = new GatewayEncoder(link, { session, predictor: 'auto', keep: 8 });
  const messages = Array.from({ length: instants }, (_, i) =>
    encoder.push(
      Float64Array.of(20 + 5 * Math.sin(i / 9), i % 17 === 0 ? Number.NaN : 10 + Math.cos(i / 30)),
    ),
  ).flat();
  return { encoder, messages: [...messages, ...encoder.flush()] };
}

/** Values by instant, as the cloud has them at last. */
function collect(into: Map<number, number[]>, received: ReturnType<CloudDecoder['receive']>): void {
  for (const { firstTick, count, values } of received.covered) {
    for (let row = 0; row < count; row++)
      into.set(firstTick + row, [...values.subarray(row * 2, row * 2 + 2)]);
  }
}

const { messages: all } = sent();
const whole = new Map<number, number[]>();
const perfect = new CloudDecoder();
for (const message of all) collect(whole, perfect.receive(message));

test('messages twice and in any order give the same instants', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { minLength: all.length, maxLength: all.length }), (delays) => {
      const order = all
        .flatMap((message, i) => [
          { message, at: i + (delays[i] as number) },
          { message, at: i + 2 * (delays[i] as number) },
        ])
        .toSorted((a, b) => a.at - b.at);
      const decoder = new CloudDecoder();
      const got = new Map<number, number[]>();
      for (const { message } of order) collect(got, decoder.receive(message));
      assert.deepEqual(got, whole);
    }),
    { numRuns: 60 },
  );
});

test('a lost message is asked for again by its sequence', () => {
  const { encoder, messages } = sent(7, 60);
  const decoder = new CloudDecoder();
  const got = new Map<number, number[]>();
  messages.forEach((message, i) => {
    if (i === messages.length - 3) return;
    const received = decoder.receive(message);
    collect(got, received);
    assert.equal(received.replies.length, i === messages.length - 2 ? 1 : 0);
  });
  const [nack] = decoder.retry();
  for (const message of encoder.receive(nack as Message)) collect(got, decoder.receive(message));
  assert.equal(got.size, 60);
  assert.deepEqual(decoder.retry(), []);
});

test('messages older than what the gateway keeps are replaced by a snapshot, and their instants are missing', () => {
  const { encoder, messages } = sent();
  const decoder = new CloudDecoder();
  const got = new Map<number, number[]>();
  for (const message of [...messages.slice(0, 5), messages.at(-1) as Message]) {
    collect(got, decoder.receive(message));
  }
  for (const message of encoder.receive(decoder.retry()[0] as Message))
    collect(got, decoder.receive(message));
  assert.equal(got.size, 200);
  const lost = [...got].filter(([, values]) => values.every(Number.isNaN));
  assert.ok(lost.length > 50);
  for (const [tick, values] of got)
    if (!values.every(Number.isNaN)) assert.deepEqual(values, whole.get(tick));
});

test('a cloud without a state asks for a snapshot and goes on', () => {
  const { encoder, messages } = sent();
  const decoder = new CloudDecoder();
  const got = new Map<number, number[]>();
  const received = decoder.receive(messages.at(-2) as Message);
  assert.equal(received.covered.length, 0);
  for (const message of encoder.receive(received.replies[0] as Message))
    collect(got, decoder.receive(message));
  assert.equal(Math.max(...got.keys()), 199);
  for (const [tick, values] of got) assert.deepEqual(values, whole.get(tick));
});

test('a damaged message is refused by its digest, and a snapshot mends it', () => {
  const { encoder, messages } = sent();
  let [refused, tried] = [0, 0];
  for (let bit = 7 * 8; bit < (messages.at(-1) as Message).length * 8; bit += 5) {
    tried++;
    const decoder = new CloudDecoder();
    const got = new Map<number, number[]>();
    for (const message of messages.slice(0, -1)) collect(got, decoder.receive(message));
    const damaged = (messages.at(-1) as Message).slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    const received = decoder.receive(damaged);
    // Some bits tell how a value came about, not what it is: they may pass.
    if (received.problems.length === 0) collect(got, received);
    else refused++;
    for (const nack of received.replies) {
      for (const message of encoder.receive(nack)) collect(got, decoder.receive(message));
    }
    assert.deepEqual(got, whole);
  }
  assert.ok(refused > tried * 0.8, `${refused} of ${tried}`);
});

test('any bytes at all: refused in words, never thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(all.length - 1), (noise, at) => {
      const decoder = new CloudDecoder();
      decoder.receive(noise);
      const message = (all[at] as Message).slice();
      message.set(noise.subarray(0, Math.max(0, message.length - 5)), Math.min(5, message.length));
      for (const before of all.slice(0, at)) decoder.receive(before);
      decoder.receive(message);
    }),
    { numRuns: 300 },
  );
});

test('a decoder is saved and restored between any two messages', () => {
  let decoder = new CloudDecoder();
  const got = new Map<number, number[]>();
  for (const message of all) {
    decoder = CloudDecoder.restore(decoder.save());
    collect(got, decoder.receive(message));
  }
  assert.deepEqual(got, whole);
});
