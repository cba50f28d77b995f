import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CloudDecoder } from './decoder.ts';
import { GatewayEncoder, type Message } from './encoder.ts';
import type { LinkConfig } from './message/link.ts';
import { PREDICTORS, type PredictorName } from './predict/choice.ts';

/** Made by version 1; must be read for ever, and be made to the bit as long as version 1 is what is written. */
interface Fixture {
  readonly predictor: PredictorName;
  readonly messages: readonly string[];
  /** What the cloud has, a row an instant; null for missing. */
  readonly values: readonly (readonly (number | null)[])[];
  readonly encoder: string;
  readonly decoder: string;
}

const link: LinkConfig = {
  channels: [
    { name: 'a', epsilon: 0.5 },
    { name: 'b', epsilon: 0.1 },
  ],
  startMs: 1_700_000_000_000,
  everyMs: 60_000,
  deadline: 3,
  heartbeat: 20,
  tolerance: 0,
};
/** A triangle and a step, exact in binary: no function of the platform's is in it. */
const rows = Array.from({ length: 90 }, (_, i) =>
  Float64Array.of(
    20 + Math.abs((i % 40) - 20) / 4,
    i % 13 === 5 ? Number.NaN : i > 50 ? 7.25 : 7 + (i % 3) / 16,
  ),
);

const path = new URL('./fixtures/link-v1.json', import.meta.url);
const fixtures = JSON.parse(readFileSync(path, 'utf8')) as Fixture[];

test('there is a fixture for every predictor that needs no model', () => {
  assert.deepEqual(
    fixtures.map(({ predictor }) => predictor),
    PREDICTORS.filter((name) => name !== 'lstm'),
  );
});

for (const fixture of fixtures) {
  test(`version 1, ${fixture.predictor}: messages and states are read, and made again to the bit`, () => {
    const messages = fixture.messages.map(bytesOf);
    const decoder = new CloudDecoder();
    const values: (number | null)[][] = [];
    for (const message of messages) {
      const { covered, problems } = decoder.receive(message);
      assert.deepEqual(problems, []);
      for (const part of covered) {
        for (let i = 0; i < part.values.length; i += 2) {
          values.push(
            [...part.values.subarray(i, i + 2)].map((value) => (Number.isNaN(value) ? null : value)),
          );
        }
      }
    }
    assert.deepEqual(values, fixture.values);
    assert.deepEqual(CloudDecoder.restore(bytesOf(fixture.decoder)).retry(), []);
    const predictor = { name: fixture.predictor };
    assert.equal(GatewayEncoder.restore(bytesOf(fixture.encoder), { predictor }).sequence, messages.length);
    const made = make(fixture.predictor);
    assert.deepEqual(made.messages.map(hexOf), fixture.messages);
    assert.equal(hexOf(made.encoder.save()), fixture.encoder);
    assert.equal(hexOf(decoder.save()), fixture.decoder);
  });
}

function make(name: PredictorName): { encoder: GatewayEncoder; messages: Message[] } {
  const encoder = new GatewayEncoder(link, { session: 4711, predictor: { name } });
  const messages = rows.flatMap((row, i) => encoder.push(row, i === 30 ? [{ channel: 0, score: 8.5 }] : []));
  return { encoder, messages: [...messages, ...encoder.flush()] };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
