import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudDecoder } from './decoder.ts';
import { GatewayEncoder, type EncoderOptions, type Message } from './encoder.ts';
import type { Forecaster } from './predict/forecast.ts';

const MODEL = 'ab'.repeat(32);
const link = {
  channels: [
    { name: 'a', epsilon: 0.5 },
    { name: 'b', epsilon: 0.5 },
  ],
  startMs: 0,
  everyMs: 1000,
  deadline: 3,
  heartbeat: 12,
  tolerance: 0,
};

/** Goes on as the last two rows went: exact for the ramps below. */
function ramp(factor = 1): Forecaster {
  return {
    lookBack: 2,
    steps: 3,
    channels: 2,
    run: (rows) =>
      Array.from({ length: 6 }, (_, i) => {
        const [before, last] = [rows[i % 2] as number, rows[2 + (i % 2)] as number];
        return factor * (last + (last - before) * (Math.floor(i / 2) + 1));
      }),
  };
}

function pair(
  near: Forecaster,
  far: Forecaster | undefined,
  predictor: EncoderOptions['predictor'],
): {
  encoder: GatewayEncoder;
  decoder: CloudDecoder;
  sources: Set<string>;
  feed(from: number, to: number): number;
} {
  const find = (forecaster: Forecaster | undefined) => (model: string) =>
    model === MODEL ? forecaster : undefined;
  const encoder = new GatewayEncoder(link, { session: 9, predictor, find: find(near), models: [MODEL] });
  const decoder = new CloudDecoder({ find: find(far) });
  const sources = new Set<string>();
  const give = (message: Message): void => {
    const { covered, replies, problems } = decoder.receive(message);
    assert.deepEqual(problems, []);
    for (const { source } of covered) sources.add(source);
    for (const reply of replies) encoder.receive(reply);
  };
  encoder.offers().forEach(give);
  const feed = (from: number, to: number): number => {
    const before = encoder.sequence;
    for (let i = from; i < to; i++) encoder.push(Float64Array.of(20 + i * 0.3, 5 - i * 0.2)).forEach(give);
    return encoder.sequence - before;
  };
  return { encoder, decoder, sources, feed };
}

test('a model that the cloud has is activated by a message, on both sides at once', () => {
  const { encoder, sources, feed } = pair(ramp(), ramp(), { name: 'lstm', model: MODEL });
  feed(0, 60);
  assert.equal(encoder.course.track.choice.name, 'lstm');
  assert.deepEqual([...sources], ['linear', `lstm:${MODEL.slice(0, 12)}`]);
});

test('a model that the cloud does not have, or that computes otherwise there, is not used', () => {
  for (const far of [undefined, ramp(1.000001)]) {
    const { encoder, sources, feed } = pair(ramp(), far, { name: 'lstm', model: MODEL });
    feed(0, 60);
    assert.equal(encoder.course.track.choice.name, 'linear');
    assert.deepEqual([...sources], ['linear']);
  }
});

test('the numbers choose the model where it sends least, and messages before it still use the old one', () => {
  const { encoder, decoder, sources, feed } = pair(ramp(), ramp(), 'auto');
  feed(0, 900);
  assert.ok(sources.size >= 1);
  // A restart of the cloud in between: the saved state names the predictor in use.
  const again = CloudDecoder.restore(decoder.save(), {
    find: (model) => (model === MODEL ? ramp() : undefined),
  });
  for (const message of encoder.resend.from(1)) assert.deepEqual(again.receive(message).problems, []);
});
