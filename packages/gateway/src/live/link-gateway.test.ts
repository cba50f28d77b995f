import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudDecoder, type Message } from '@linnet/core/transmit';
import { Deviations } from './deviations.ts';
import { LinkGateway } from './link-gateway.ts';

const EVERY_MS = 1000;

test('a value that is absurd costs its own sensor that instant, no other one, and no later judgement', () => {
  const sent: Message[] = [];
  const troubles: string[] = [];
  const link = new LinkGateway(
    {
      epsilons: { t: 0.5 },
      everyMs: EVERY_MS,
      deadline: 0,
      heartbeat: 5,
      tolerance: 0,
      predictor: { name: 'hold' },
      detector: new Deviations(8),
    },
    {
      save: () => {},
      send: (message) => sent.push(message),
      newSession: () => 7,
      pending: () => false,
      trouble: (message) => troubles.push(message),
    },
  );
  const rows = Array.from({ length: 120 }, (_, i) => [20 + (i % 3) / 2, i === 90 ? 1e300 : 10 + (i % 2)]);
  (rows[110] as number[])[1] = 60;
  rows.forEach(([a = 0, b = 0], tick) => {
    link.take({
      tick,
      means: new Map([
        ['a:t', a],
        ['b:t', b],
      ]),
    });
  });
  link.flush();
  assert.equal(link.refused, 1);
  assert.match(troubles.join(), /1e\+300 of b:t is too large .*: it is left out/);
  const decoder = new CloudDecoder();
  const received = sent.map((message) => decoder.receive(message));
  const values = received.flatMap(({ covered }) => covered.flatMap((part) => [...part.values]));
  assert.equal(values.length, rows.length * 2);
  rows.forEach(([a = 0, b = 0], i) => {
    assert.ok(Math.abs((values[2 * i] as number) - a) <= 0.5, `a of ${i}: ${values[2 * i]}`);
    const gone = i === 90;
    assert.ok(gone ? Number.isNaN(values[2 * i + 1]) : Math.abs((values[2 * i + 1] as number) - b) <= 0.5);
  });
  const alerts = received.flatMap((one) => one.alerts.map(({ tick, value }) => [tick, value]));
  assert.deepEqual(alerts, [[110, 60]]);
});
