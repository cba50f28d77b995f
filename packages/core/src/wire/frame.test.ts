import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import { ageMs, decodeFrame, encodeFrame, type Frame, type FrameRecord } from './frame.ts';
import { encodePayload } from './payload.ts';

const deflate = (bytes: Uint8Array, dictionary?: Uint8Array) =>
  deflateRawSync(bytes, { ...(dictionary && { dictionary }) });
const inflate = (bytes: Uint8Array, bytesMax: number, dictionary?: Uint8Array) =>
  inflateRawSync(bytes, { maxOutputLength: bytesMax, ...(dictionary && { dictionary }) });

const record = fc.record({
  step: fc.integer({ min: 1, max: 1000 }),
  at: fc.integer({ min: -1e12, max: 4e12 }),
  mono: fc.integer({ min: 0, max: 1e12 }),
  score: fc.option(fc.double({ noNaN: true }), { nil: undefined }),
  payload: fc.uint8Array({ maxLength: 60 }),
});
const frame: fc.Arbitrary<Frame> = fc
  .record({
    device: fc.constantFrom('k-17', 'a', 'x'.repeat(64)),
    incarnation: fc.constantFrom('00112233445566ff', 'ffffffffffffffff'),
    live: fc.boolean(),
    urgent: fc.boolean(),
    floor: fc.nat(),
    prev: fc.nat(),
    round: fc.nat(),
    bootFirst: fc.nat(),
    sentAt: fc.integer(),
    sentMono: fc.nat(),
    start: fc.integer({ min: 0, max: 2 ** 52 }),
    given: fc.array(record, { maxLength: 20 }),
  })
  .map(({ start, given, ...rest }) => {
    let sequence = start;
    const records = given.map(({ step, score, ...fields }): FrameRecord => {
      sequence += step;
      return score === undefined ? { ...fields, sequence } : { ...fields, sequence, score };
    });
    return Object.assign(rest, { records });
  });

const plain = (value: Frame) => ({
  ...value,
  records: value.records.map((one) => ({ ...one, payload: [...one.payload] })),
});
const sample: Frame = {
  device: 'k-17',
  incarnation: '0123456789abcdef',
  live: true,
  urgent: false,
  floor: 1,
  prev: 0,
  round: 1,
  bootFirst: 1,
  sentAt: 1_700_000_000_000,
  sentMono: 500,
  records: [1, 2].map((sequence) => ({
    sequence,
    at: 1_700_000_000_000 - sequence,
    mono: 400,
    payload: encodePayload({ temperature: 21.5 }),
  })),
};

test('a frame reads back what was written, plain and compressed, in each version', () => {
  fc.assert(
    fc.property(frame, fc.boolean(), fc.constantFrom(1, 2), (given, packed, version) => {
      const bytes = encodeFrame(given, packed ? deflate : undefined, version);
      assert.deepEqual(plain(decodeFrame(bytes, inflate)), plain(given));
    }),
  );
});

test('a flip of any bit and a cut at any length are refused by code, never by another exception', () => {
  const bytes = encodeFrame(sample, deflate, 2);
  for (let i = 0; i < bytes.length; i++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = bytes.slice();
      flipped[i] = (flipped[i] as number) ^ (1 << bit);
      assert.throws(() => decodeFrame(flipped, inflate), { code: 'data.invalid' });
    }
    assert.throws(() => decodeFrame(bytes.subarray(0, i), inflate), { code: 'data.invalid' });
  }
});

test('random bytes are refused by code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      assert.throws(() => decodeFrame(noise, inflate), { code: 'data.invalid' });
    }),
  );
});

test('a bomb is refused before it is unpacked', () => {
  const big = { ...sample, records: [{ ...sample.records[0]!, payload: new Uint8Array(2_000_000) }] };
  assert.throws(() => decodeFrame(encodeFrame(big, deflate), inflate), /at most 1048576/);
});

test('an old reading keeps its true age when the wall clock jumps, and is inexact across a restart', () => {
  const jumped = { ...sample, sentAt: 0 };
  assert.deepEqual(ageMs(jumped, sample.records[0]!), { ms: 100, exact: true });
  const restarted = { ...sample, bootFirst: 2 ** 28 };
  assert.deepEqual(ageMs(restarted, sample.records[1]!), { ms: 2, exact: false });
});

test('the bytes of version 1 stay readable for ever', () => {
  const bytes = Buffer.from(V1, 'hex');
  assert.deepEqual(plain(decodeFrame(bytes, inflate)), plain(sample));
});

test('one reading is much smaller with the dictionary', () => {
  const one = { ...sample, prev: 70, floor: 71, records: [{ ...sample.records[0]!, sequence: 71 }] };
  const payload = encodePayload({
    time: sample.sentAt,
    temperature: 21.53,
    humidity: 48.1,
    pressure: 1013.22,
  });
  const named = { ...one, records: [{ ...one.records[0]!, payload }] };
  assert.ok(encodeFrame(named, deflate, 2).length < encodeFrame(named).length - 40);
});

test('the bytes of version 2 stay readable for ever', () => {
  assert.deepEqual(plain(decodeFrame(Buffer.from(V2, 'hex'), inflate)), plain(sample));
});

const V1 =
  '4c460100fc8787c3046b2d31370123456789abcdef0100010180a0abfef962f40302380101fe9fabfef96201a00600000014147b2274656d7065726174757265223a32312e357d7b2274656d7065726174757265223a32312e357d';
const V2 =
  '4c46020a49cdaf34046b2d31370123456789abcdef0100010180a0abfef962f4030233636464643ccec8c0c02022528da6cd50cfb4169b1800';
