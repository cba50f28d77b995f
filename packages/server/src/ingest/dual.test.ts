import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayEncoder, type Message } from '@linnet/core/transmit';
import { MemoryIngest } from '../../test/memory-ingest.ts';

const link = {
  channels: [{ name: '1:temperature', epsilon: 0.5 }],
  startMs: 1_700_000_000_000,
  everyMs: 1000,
  deadline: 0,
  heartbeat: 10,
  tolerance: 0,
};

/** A gateway, and the cloud with its clock; each message is a record of the agent's log. */
class Pair {
  readonly encoder = new GatewayEncoder(link, { session: 7, predictor: { name: 'hold' } });
  readonly ingest = new MemoryIngest();
  private next = 1;

  /** Messages of a value that is far from the one before. */
  observe(value: number): Message[] {
    return this.encoder.push(Float64Array.of(value));
  }

  send(messages: readonly Message[]): void {
    for (const message of messages) {
      const first = this.next++;
      this.ingest.frame([{ dual: Buffer.from(message).toString('base64') }], { first });
    }
  }

  /** Seconds of ticks; the seconds at which the gateway was asked. */
  asked(seconds: number): number[] {
    const times: number[] = [];
    for (let second = 1; second <= seconds; second++) {
      this.ingest.now += 1000;
      this.ingest.tick();
      const acks = this.ingest.last?.acks ?? [];
      if (acks.length > 0) times.push(second);
      for (const { device } of acks) assert.equal(device, 'k-17');
    }
    return times;
  }

  /** Answers what the last step asked. */
  answer(): void {
    for (const { bytes } of this.ingest.last?.acks ?? []) this.send(this.encoder.receive(bytes));
  }
}

test('a question whose answer never comes is asked again, less and less often, also by the next process', () => {
  const pair = new Pair();
  pair.send(pair.observe(20));
  pair.observe(30);
  pair.send(pair.observe(40));
  assert.equal(pair.ingest.rows.length, 1, 'the third instant waits for the second');
  assert.deepEqual(pair.asked(40), [1, 3, 7, 15, 31]);
  pair.ingest.restart();
  assert.deepEqual(pair.asked(1), [1]);
  pair.answer();
  assert.deepEqual(
    pair.ingest.rows.map(({ temperature, _status }) => [temperature, _status]),
    [20, 30, 40].map((value) => [value, 4]),
  );
  assert.deepEqual(pair.asked(70), [], 'nothing is missing any more');
});

test('a gateway that is not there is not asked', () => {
  const pair = new Pair();
  pair.send(pair.observe(20));
  pair.observe(30);
  pair.send(pair.observe(40));
  const status = JSON.stringify({ incarnation: '0123456789abcdef', online: false });
  pair.ingest.send('tele/k-17/status', status);
  assert.deepEqual(pair.asked(20), []);
  pair.ingest.send('tele/k-17/status', status.replace('false', 'true'));
  assert.deepEqual(pair.asked(1), [1]);
});

test('an anomaly that a gateway tells comes as an alert, ahead of its timer and of what is missing, once', () => {
  const pair = new Pair();
  pair.send(pair.observe(20));
  pair.observe(30);
  const messages = pair.encoder.push(Float64Array.of(47.3), [{ channel: 0, score: 9 }]);
  pair.send(messages);
  pair.send(messages);
  const [anomaly, ...more] = pair.ingest.alerts.filter(({ alert }) => alert === 'anomaly');
  assert.deepEqual(more, []);
  const { receivedAt } = anomaly as { receivedAt: number };
  assert.deepEqual(anomaly, {
    alert: 'anomaly',
    sensor: 'k-17/1',
    device: 'k-17',
    region: '',
    metric: 'temperature',
    value: 47.3,
    score: 9,
    threshold: null,
    by: 'gateway',
    time: link.startMs + 2000,
    receivedAt,
    backlog: false,
  });
  assert.equal(pair.ingest.rows.length, 1, 'the rows wait for what is missing');
});
