import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CloudDecoder } from './decoder.ts';
import { GatewayEncoder, type Message } from './encoder.ts';
import type { LinkConfig } from './message/link.ts';
import { STATUS, type Covered } from './index.ts';
import { PREDICTORS, type PredictorName } from './predict/choice.ts';

interface Case {
  readonly deadline: number;
  readonly heartbeat: number;
  readonly epsilon: number;
  readonly predictor: PredictorName | 'auto';
  readonly rows: Float64Array[];
}

const LINEAR = PREDICTORS.filter((name) => name !== 'lstm');

/** Walks with noise, jumps and holes; a channel may stay the same or never have a value. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    channels: fc.integer({ min: 1, max: 5 }),
    instants: fc.integer({ min: 1, max: 120 }),
    deadline: fc.integer({ min: 0, max: 9 }),
    silence: fc.integer({ min: 1, max: 30 }),
    epsilon: fc.constantFrom(0.1, 0.5, 3, 1e-6),
    predictor: fc.constantFrom(...LINEAR, 'auto' as const),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    missing: fc.constantFrom(0, 0.05, 0.6),
    wild: fc.constantFrom(0.01, 1, 20),
  })
  .map(({ channels, instants, deadline, silence, epsilon, predictor, seed, missing, wild }) => {
    let state = seed;
    const next = (): number => (state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647) / 2_147_483_647;
    const value = Array.from({ length: channels }, () => next() * 40 - 10);
    const rows = Array.from({ length: instants }, () =>
      Float64Array.from({ length: channels }, (_, j) => {
        value[j] = (value[j] as number) + (j === 3 ? 0 : (next() - 0.5) * wild * epsilon);
        if (next() < 0.01) value[j] = (value[j] as number) + 50 * epsilon;
        return j === 4 || next() < missing ? Number.NaN : (value[j] as number);
      }),
    );
    return { deadline, heartbeat: deadline + silence, epsilon, predictor, rows };
  });

function linkOf({ rows, epsilon, deadline, heartbeat }: Case): LinkConfig {
  const channels = Array.from(rows[0] as Float64Array, (_, j) => ({ name: `s${j}`, epsilon }));
  return { channels, startMs: 1_000_000, everyMs: 1000, deadline, heartbeat, tolerance: 0 };
}

function encoderOf(one: Case): GatewayEncoder {
  const predictor = one.predictor === 'auto' ? 'auto' : { name: one.predictor };
  return new GatewayEncoder(linkOf(one), { session: 7, predictor });
}

function send(one: Case): { encoder: GatewayEncoder; messages: Message[] } {
  const encoder = encoderOf(one);
  const messages = one.rows.flatMap((row) => encoder.push(row));
  return { encoder, messages: [...messages, ...encoder.flush()] };
}

test('never more than ceil(n / (deadline + 1)) messages, heartbeats counted', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { encoder, messages } = send(one);
      assert.equal(encoder.counts.data + encoder.counts.heartbeats, messages.length);
      assert.ok(messages.length <= Math.ceil(one.rows.length / (one.deadline + 1)), `${messages.length}`);
    }),
    { numRuns: 400 },
  );
});

test('every stored value is within epsilon, what is missing is missing, and both sides hold the same bits', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { encoder, messages } = send(one);
      const decoder = new CloudDecoder();
      const covered: Covered[] = [];
      for (const message of messages) {
        const received = decoder.receive(message);
        assert.deepEqual(received.problems, []);
        assert.deepEqual(received.replies, []);
        covered.push(...received.covered);
      }
      let tick = 0;
      for (const { firstTick, count, values, status, sequence } of covered) {
        assert.equal(firstTick, tick);
        tick += count;
        const width = values.length / count;
        values.forEach((value, i) => {
          const real = one.rows[firstTick + Math.floor(i / width)]?.[i % width] as number;
          assert.equal(Number.isNaN(value), Number.isNaN(real));
          assert.equal(status[i] === STATUS.missing, Number.isNaN(real));
          if (Number.isNaN(real)) return;
          const bound = status[i] === STATUS.measured ? one.epsilon / 15.9 : one.epsilon;
          assert.ok(Math.abs(value - real) <= bound, `${value} for ${real} in message ${sequence}`);
        });
      }
      assert.equal(tick, one.rows.length);
      // A snapshot that the gateway makes now changes nothing on the cloud's side: it has that state.
      const [snapshot] = encoder.receive(nackOf(encoder));
      const again = decoder.receive(snapshot as Message);
      assert.deepEqual([again.problems, again.covered], [[], []]);
    }),
    { numRuns: 400 },
  );
});

function nackOf(encoder: GatewayEncoder): Uint8Array {
  const stranger = new CloudDecoder();
  // A message of a session that nobody knows makes the cloud ask for a snapshot from 1 on.
  const later = encoder.resend.from(2)[0] ?? encoder.resend.from(1)[0];
  const { replies } = stranger.receive(later as Message);
  return replies[0] ?? Uint8Array.of(0x13, 0, 7, 1, 1);
}

test('D = 0 sends in the instant of the violation, and then all is measured', () => {
  const one: Case = {
    deadline: 0,
    heartbeat: 5,
    epsilon: 0.5,
    predictor: 'hold',
    rows: [20, 20.4, 21, 21, 19].map((value) => Float64Array.of(value, value * 2)),
  };
  const encoder = encoderOf(one);
  const sent = one.rows.map((row) => encoder.push(row).length);
  assert.deepEqual(sent, [1, 1, 1, 0, 1]);
  assert.deepEqual([encoder.counts.data, encoder.counts.readings], [4, 10]);
});

test('an anomaly goes out at once with its raw value, ahead of the timer', () => {
  const one: Case = { deadline: 4, heartbeat: 9, epsilon: 0.5, predictor: 'hold', rows: [] };
  const link = { ...linkOf({ ...one, rows: [Float64Array.of(0)] }), deadline: 4 };
  const encoder = new GatewayEncoder(link, { session: 7, predictor: { name: 'hold' } });
  const decoder = new CloudDecoder();
  const give = (value: number, anomalous = false): ReturnType<CloudDecoder['receive']>[] =>
    encoder
      .push(Float64Array.of(value), anomalous ? [{ channel: 0, score: 9.5 }] : [])
      .map((message) => decoder.receive(message));
  for (let i = 0; i < 5; i++) give(20);
  const [received, more] = give(87.123456789, true);
  assert.equal(more, undefined);
  assert.deepEqual(
    received?.alerts.map(({ tick, value, score }) => ({ tick, value, score })),
    [{ tick: 5, value: 87.123456789, score: 9.5 }],
  );
  for (let i = 0; i < 3; i++) assert.deepEqual(give(20), []);
  const [data] = give(20);
  assert.deepEqual([data?.covered[0]?.firstTick, data?.covered[0]?.count, data?.alerts], [5, 5, []]);
  assert.deepEqual([encoder.counts.data, encoder.counts.alerts], [2, 1]);
});

test('a tolerance in time lets short violations pass, and they are filled in later', () => {
  const rows = [20, 20, 20, 25, 20, 20, 20, 20, 20, 20].map((value) => Float64Array.of(value));
  const link = {
    ...linkOf({ deadline: 0, heartbeat: 6, epsilon: 0.5, predictor: 'hold', rows }),
    tolerance: 1,
  };
  const encoder = new GatewayEncoder(link, { session: 7, predictor: { name: 'hold' } });
  const decoder = new CloudDecoder();
  const messages = [...rows.flatMap((row) => encoder.push(row)), ...encoder.flush()];
  const covered = messages.flatMap((message) => decoder.receive(message).covered);
  const values = covered.flatMap((part) => [...part.values]);
  assert.equal(encoder.counts.data, 1);
  assert.ok(Math.abs((values[3] as number) - 25) <= 0.5, String(values[3]));
});

test('a value too large for its epsilon is refused by name, and nothing is taken in', () => {
  const one: Case = {
    deadline: 0,
    heartbeat: 5,
    epsilon: 0.5,
    predictor: 'hold',
    rows: [Float64Array.of(1)],
  };
  const encoder = encoderOf(one);
  assert.throws(() => encoder.push(Float64Array.of(1e12)), {
    code: 'data.invalid',
    message: /1000000000000 of s0/,
  });
  assert.equal(encoder.tick, 0);
});
