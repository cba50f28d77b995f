import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryIngest } from '../../test/memory-ingest.ts';

test('a frame that comes again is stored once; gaps and duplicates are numbers', () => {
  const ingest = new MemoryIngest();
  assert.equal(ingest.frame([{ t: 1 }, { t: 2 }]), 2);
  assert.equal(ingest.frame([{ t: 1 }, { t: 2 }]), 0);
  assert.equal(ingest.frame([{ t: 9 }], { first: 9, floor: 9 }), 1);
  const device = ingest.devices.get('k-17');
  assert.deepEqual([device?.stored, device?.duplicates, device?.gaps], [3, 2, 6]);
  assert.equal(ingest.last?.acks.length, 1);
});

test('a frame that speaks for another device is set aside, and not acknowledged', () => {
  const ingest = new MemoryIngest();
  assert.equal(ingest.frame([{ t: 1 }], { device: 'k-18' }), 0);
  assert.match(ingest.dead[0] ?? '', /frame of device k-18 from k-17/);
  assert.equal(ingest.last?.acks.length, 0);
});

test('device time and time of receipt are both kept; a clock that is wrong is told and moves no watermark', () => {
  const ingest = new MemoryIngest();
  const { now } = ingest;
  ingest.frame([{ t: 1 }], { sentAt: now - 2000 });
  ingest.frame([{ t: 2 }], { first: 2, sentAt: now + 86_400_000 * 365 });
  ingest.frame([{ t: 3 }], { first: 3, sentAt: 0 });
  // The wall clock jumped between the recording and the sending.
  ingest.frame([{ t: 4 }], { first: 4, stamps: [now - 86_400_000] });
  // Recorded before a restart by a clock that was a year ahead.
  ingest.frame([{ t: 5 }], { first: 5, bootFirst: 6, stamps: [now + 86_400_000 * 365] });
  assert.deepEqual(
    ingest.rows.map(({ time }) => time),
    [now - 2000, now, now, now, now],
  );
  assert.deepEqual(ingest.rows[1]?.['_device_time'], now + 86_400_000 * 365);
  assert.ok(ingest.rows.every((row) => row['_received'] === now));
  const device = ingest.devices.get('k-17');
  assert.equal(device?.clockWrong, 4);
  assert.equal(device?.lastTime, now - 2000);
});

test('a plain device: JSON, one number a topic, texts beside the numbers, nested fields', () => {
  const ingest = new MemoryIngest();
  ingest.send(
    'tele/p-1',
    '{"t": 21.5, "door": {"open": true}, "note": "hello", "axis": [1, 2], "gone": null}',
  );
  ingest.send('tele/p-1/humidity', '55.2');
  ingest.send('tele/p-1/relay', 'on');
  assert.deepEqual(
    ingest.rows.map(({ time: _time, _received, ...fields }) => fields),
    [
      { sensor: 'p-1', t: 21.5, 'door.open': 1, 'axis.0': 1, 'axis.1': 2 },
      { sensor: 'p-1', humidity: 55.2 },
      { sensor: 'p-1', relay: 1 },
    ],
  );
  assert.deepEqual(ingest.texts, [{ note: 'hello' }]);
});

test('what is no reading is set aside with its reason', () => {
  const ingest = new MemoryIngest();
  for (const [topic, payload, says] of [
    ['tele/p-1', '{"__proto__": 1}', /__proto__/],
    ['tele/p-1', '{"a":{"\\u005f_proto__": 1}}', /__proto__/],
    ['tele/p-1', '{"t": 1', /not JSON/],
    ['tele/p-1', '[1]', /not an object/],
    ['tele/p-1', 'NaN', /no number/],
    ['tele/p-1', '1e400', /no finite number/],
    ['tele/p-1', '{"t": -1e999}', /t is no finite number/],
    ['tele/p-1', '{}', /no field/],
    ['tele/p-1', '{"_received": 1}', /no name of a metric/],
    ['other/p-1', '1', /no rule/],
    ['tele/a b', '1', /no rule/],
    ['tele/p-1', `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`, /deeper/],
  ] as const) {
    assert.equal(ingest.send(topic, payload), 0, payload);
    assert.match(ingest.dead.at(-1) ?? '', says);
  }
  assert.deepEqual(ingest.rows, []);
});

test('a packet that is sent again after a lost answer is stored once; a packet id that is used again is not', () => {
  const ingest = new MemoryIngest();
  assert.equal(ingest.send('tele/p-1', '{"t":1}', { packetId: 7 }), 1);
  assert.equal(ingest.send('tele/p-1', '{"t":1}', { packetId: 7, dup: true }), 0);
  assert.equal(ingest.send('tele/p-1', '{"t":1}', { packetId: 7 }), 1);
  assert.equal(ingest.send('tele/p-1', '{"t":2}', { packetId: 7, dup: true }), 1);
  assert.equal(ingest.send('tele/p-1', '{"t":9}', { packetId: 8, dup: true }), 1);
  assert.equal(ingest.devices.get('p-1')?.duplicates, 1);
});

test('a device invents no more metrics than a sensor may have', () => {
  const ingest = new MemoryIngest();
  for (let i = 0; i < 100; i++) ingest.send('tele/p-1', `{"m${i}":1}`);
  assert.equal(ingest.rows.length, 64);
  assert.match(ingest.dead[0] ?? '', /too many metrics/);
});

test('an anomaly is told once when it begins; nothing is judged before the warm-up', () => {
  for (const kind of ['rolling', 'exponential', 'robust'] as const) {
    const ingest = new MemoryIngest({ detect: { kind, grace: 10, window: 50 } });
    ingest.send('tele/p-1', '{"t":900}');
    for (let i = 0; i < 40; i++) {
      ingest.now += 1000;
      ingest.send('tele/p-1', `{"t":${20 + (i % 2)}}`);
    }
    assert.deepEqual(ingest.alerts, [], kind);
    for (const t of [500, 500, 20]) {
      ingest.now += 1000;
      ingest.send('tele/p-1', `{"t":${kind === 'robust' ? t : t * 10}}`);
    }
    const told = ingest.alerts.find(({ alert }) => alert === 'anomaly') as { metric: string } | undefined;
    assert.equal(told?.metric, 't', kind);
    assert.equal(ingest.rows.at(-3)?.['anomaly'], 1, kind);
    assert.ok(Number(ingest.rows.at(-3)?.['score']) > 2, kind);
    assert.equal(ingest.rows[5]?.['score'], undefined, kind);
  }
});

test('readings of the same time are all learned', () => {
  const ingest = new MemoryIngest({ detect: { grace: 10, window: 20 } });
  for (let i = 0; i < 30; i++) ingest.send('tele/p-1', `{"t":${20 + (i % 2)}}`);
  ingest.send('tele/p-1', '{"t":99}');
  const [alert] = ingest.alerts;
  assert.ok(alert?.alert === 'anomaly' && alert.score > 50);
});

test('readings out of the past are judged by the present, change nothing, and their alerts say that they are old', () => {
  const ingest = new MemoryIngest({ detect: { grace: 5, window: 20 } });
  const steady = Array.from({ length: 30 }, (_, i) => ({ t: 20 + (i % 2) }));
  const stamps = steady.map((_, i) => ingest.now - 1000 * (30 - i));
  ingest.frame(steady, { first: 100, stamps });
  ingest.frame([{ t: 99 }], { live: false, first: 1, bootFirst: 50, stamps: [ingest.now - 86_400_000] });
  const [alert] = ingest.alerts;
  assert.ok(alert?.alert === 'anomaly' && alert.backlog && alert.score > 50);
  ingest.frame([{ t: 20 }], { first: 130 });
  assert.ok(Number(ingest.rows.at(-1)?.['score']) < 2);
});

test('a device that falls silent is told by its own rhythm, once, and when it is back', () => {
  const ingest = new MemoryIngest();
  const speak = (device: string, everyMs: number, times: number) => {
    for (let i = 0; i < times; i++) {
      ingest.now += everyMs;
      ingest.send(`tele/${device}`, '{"t":1}');
      ingest.tick();
    }
  };
  speak('fast', 1000, 20);
  speak('slow', 60_000, 20);
  assert.deepEqual(
    ingest.alerts.map((alert) => [alert.alert, alert.alert === 'anomaly' ? '' : alert.device]),
    [['silent', 'fast']],
  );
  ingest.now += 120_000;
  ingest.tick();
  assert.equal(ingest.alerts.length, 1, 'two minutes are no silence for a device that speaks every minute');
  ingest.now += 600_000;
  ingest.tick();
  ingest.tick();
  assert.equal(ingest.alerts.at(-1)?.alert, 'silent');
  assert.equal(ingest.alerts.length, 2);
  ingest.send('tele/fast', '{"t":1}');
  assert.equal(ingest.alerts.at(-1)?.alert, 'back');
});

test('the status of an agent says what it holds and dropped; one that says goodbye is not silent', () => {
  const ingest = new MemoryIngest();
  for (let i = 0; i < 20; i++) {
    ingest.now += 1000;
    ingest.frame([{ t: 1 }], { first: i + 1 });
  }
  const status = { device: 'k-17', incarnation: '0123456789abcdef', online: false, clean: true, pending: 5 };
  ingest.send('tele/k-17/status', JSON.stringify({ ...status, dropped: { evicted: 2, oversize: 1 } }));
  const device = ingest.devices.get('k-17');
  assert.deepEqual([device?.pending, device?.dropped, device?.online], [5, 3, false]);
  ingest.now += 3_600_000;
  ingest.tick();
  assert.deepEqual(ingest.alerts, []);
});
