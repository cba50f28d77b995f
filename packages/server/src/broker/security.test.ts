/** Each line of the security defaults, attacked over a bare socket. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeFrame } from '@linnet/core/wire';
import { DeviceRegistry } from '../devices/device-registry.ts';
import { readFleet } from '../fleet.ts';
import { RawClient } from '../../test/raw-client.ts';
import { rowsOf, startServer, stored, type TestServer } from '../../test/test-server.ts';

const LIMITS = { connectMs: 300, packetBytesMax: 64 << 10, inFlightMax: 5 };
let server: TestServer;
let registry: DeviceRegistry;
const secrets: Record<string, Buffer> = {};
const clients: RawClient[] = [];

before(async () => {
  server = await startServer({ mqtt: { host: '0.0.0.0', limits: LIMITS } });
  registry = new DeviceRegistry(server.data);
  for (const [name, tenant] of [
    ['k-1', ''],
    ['k-2', ''],
    ['a-1', 'acme'],
  ] as const) {
    secrets[name] = Buffer.from(await registry.add(name, tenant));
  }
});
after(async () => {
  for (const client of clients) client.close();
  registry.close();
  await server.close();
});

function raw(): RawClient {
  const client = new RawClient(server.port);
  clients.push(client);
  return client;
}

async function connected(name: string, clientId = name): Promise<RawClient> {
  const client = raw();
  assert.equal(await client.connect({ username: name, password: secrets[name] as Buffer, clientId }), 0);
  return client;
}

test('anonymous clients are let in on loopback alone, and there not when told so', async () => {
  assert.equal(await raw().connect(), 5);
  for (const [anonymous, code] of [
    [undefined, 0],
    [false, 5],
  ] as const) {
    const local = await startServer({ mqtt: anonymous === undefined ? {} : { anonymous } });
    const client = new RawClient(local.port);
    assert.equal(await client.connect(), code);
    client.close();
    await local.close();
  }
});

test('a wrong secret, an unknown name, no password and names that are no device are refused alike', async () => {
  const wrong = [
    ['k-1', Buffer.from('guess')],
    ['nobody', secrets['k-1'] as Buffer],
    ['k-1', undefined],
    ['k-2', secrets['k-1'] as Buffer],
    ['#', secrets['k-1'] as Buffer],
    ['+', secrets['k-1'] as Buffer],
    ['__proto__', secrets['k-1'] as Buffer],
    ['k-1/#', secrets['k-1'] as Buffer],
  ] as const;
  for (const [username, password] of wrong) {
    const code = await raw().connect({ username, ...(password !== undefined && { password }) });
    assert.equal(code, 4, username);
  }
});

test('secrets are kept as scrypt hashes in a file for its owner alone', async () => {
  await (await connected('k-1')).publish('tele/k-1', '{"t":1}');
  const hash = registry.credential('k-1')?.hash ?? '';
  assert.match(hash, /^scrypt\$\d+\$8\$1\$/);
  for (const file of ['devices.db', 'devices.db-wal', 'devices.db-shm']) {
    assert.equal(statSync(join(server.data, file)).mode & 0o777, 0o600, file);
  }
});

test('a device writes to its own topics alone', async () => {
  for (const topic of [
    'tele/k-2',
    'tele/k-2/t',
    'tele',
    'cmd/k-1/ack',
    '$SYS/x',
    'tele/k-10',
    'tele/K-1',
    'x',
  ]) {
    const client = await connected('k-1');
    assert.equal(await client.publish(topic, '{"t":666}'), false, topic);
    await client.closed;
  }
  const own = await connected('k-1');
  assert.ok(await own.publish('tele/k-1', '{"t":21}'));
  assert.ok(await own.publish('tele/k-1/outside', '{"t":22}'));
  assert.deepEqual(stored(server.data, 'k-2', 't'), []);
});

test('a device listens to its own commands alone', async () => {
  const client = await connected('k-1');
  for (const filter of [
    '#',
    '+/k-1/ack',
    'tele/#',
    'cmd/#',
    'cmd/+/ack',
    'cmd/k-2/#',
    'cmd/k-2/ack',
    '$SYS/#',
  ]) {
    assert.equal(await client.subscribe(filter), 128, filter);
  }
  assert.equal(await client.subscribe('cmd/k-1/#'), 1);
});

test('a client id does not end the session of another user', async () => {
  const victim = await connected('k-1', 'the-same');
  await connected('k-2', 'the-same');
  await connected('k-2', 'k-1/the-same');
  assert.ok(await victim.publish('tele/k-1', '{"t":1}'));
});

test('a packet above the cap is cut off at its header, before and after CONNECT', async () => {
  const big = await connected('k-1');
  big.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));
  await big.closed;
  const early = raw();
  early.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
  await early.closed;
  const endless = raw();
  endless.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff]));
  await endless.closed;
});

test('nothing but CONNECT comes first, and little before the client is let in', async () => {
  const stranger = raw();
  stranger.send({ cmd: 'publish', topic: 'tele/k-1', payload: '{"t":1}', qos: 0, dup: false, retain: false });
  await stranger.closed;
  const eager = raw();
  eager.write(Buffer.concat([Buffer.from([0x10, 0x0a]), Buffer.alloc(64 << 10, 0x41)]));
  await eager.closed;
});

test('a client that does not say who it is in time is cut off, also one that drips', async () => {
  const silent = raw();
  const dripping = raw().write(Buffer.from([0x10, 0x20, 0x00]));
  await Promise.all([silent.closed, dripping.closed]);
});

test('handshakes of QoS 2 that are never finished are limited', async () => {
  const client = await connected('k-1');
  for (let messageId = 1; messageId <= 20; messageId++) {
    client.send({
      cmd: 'publish',
      topic: 'tele/k-1',
      payload: '{"t":1}',
      qos: 2,
      messageId,
      dup: false,
      retain: false,
    });
  }
  await client.closed;
});

test('nothing is retained and nothing is passed on to other devices', async () => {
  const client = await connected('k-1');
  assert.ok(await client.publish('tele/k-1/retained', '{"t":5}', { retain: true }));
  const local = await startServer();
  const [one, two] = [new RawClient(local.port), new RawClient(local.port)];
  await one.connect({ clientId: 'one' });
  await one.publish('tele/k-1', '{"t":5}', { retain: true });
  await two.connect({ clientId: 'two' });
  assert.equal(await two.subscribe('tele/#'), 128);
  assert.equal(await two.subscribe('cmd/k-1/#'), 1);
  two.send({ cmd: 'pingreq' });
  await two.next('pingresp');
  assert.deepEqual(two.packets, []);
  one.close();
  two.close();
  await local.close();
});

test('what is not UTF-8, has __proto__ or is no reading is set aside, and the device goes on', async () => {
  const client = await connected('k-2');
  const bad = [
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    '{"__proto__":{"t":1}}',
    '{"\\u005f_proto__":1}',
  ];
  for (const payload of [...bad, '[1,2]', '{"t":', '', 'x'.repeat(40_000)]) {
    assert.ok(await client.publish('tele/k-2/bad', payload));
  }
  assert.ok(await client.publish('tele/k-2', '{"t":7}'));
  assert.deepEqual(stored(server.data, 'k-2', 't'), [7]);
  const dead = rowsOf(server.data, "SELECT count(*) AS n FROM ingest_dead WHERE device = 'k-2'");
  assert.equal(dead[0]?.['n'], 7);
  const topic = Buffer.concat([
    Buffer.from([0x32, 16, 0, 9]),
    Buffer.from('tele/k-2'),
    Buffer.from([0xff, 0, 1, 0x7b, 0x7d, 0x20]),
  ]);
  client.write(topic);
  await client.closed;
});

test('the tenant is the credential’s, whatever the payload says', async () => {
  const client = await connected('a-1');
  assert.ok(await client.publish('tele/a-1', '{"t":3,"tenant":"other"}'));
  assert.deepEqual(stored(server.data, 'acme/a-1', 't'), [3]);
  assert.deepEqual(stored(server.data, 'a-1', 't'), []);
});

test('a rotated or removed credential ends the session that used it', async () => {
  const [one, two, other] = await Promise.all([
    connected('k-1'),
    connected('k-1', 'second'),
    connected('k-2'),
  ]);
  const old = secrets['k-1'] as Buffer;
  secrets['k-1'] = Buffer.from(await registry.rotate('k-1'));
  await Promise.all([one.closed, two.closed]);
  assert.equal(await raw().connect({ username: 'k-1', password: old }), 4);
  await connected('k-1');
  assert.ok(await other.publish('tele/k-2', '{"t":8}'));
  registry.remove('k-1');
  assert.equal(await raw().connect({ username: 'k-1', password: secrets['k-1'] as Buffer }), 4);
});

test('a client that does not read what it is sent is cut off', async () => {
  const told: string[] = [];
  let cutOff: ((why: string) => void) | undefined;
  const refusal = new Promise<string>((resolve) => (cutOff = resolve));
  const local = await startServer({
    mqtt: { limits: { queueBytesMax: 10_000 } },
    onRefused: (why) => {
      told.push(why);
      cutOff?.(why);
    },
  });
  const client = new RawClient(local.port);
  await client.connect();
  assert.equal(await client.subscribe('cmd/k-9/ack'), 1);
  client.stopReading();
  // Every second sequence makes an acknowledgement of many runs; the same frame again and again makes many of those.
  const records = Array.from({ length: 1000 }, (_, i) => ({
    sequence: 1 + 2 * i,
    at: 0,
    mono: 0,
    payload: new TextEncoder().encode('{}'),
  }));
  const frame = {
    device: 'k-9',
    incarnation: '0123456789abcdef',
    live: false,
    urgent: false,
    floor: 1,
    prev: 0,
    records,
  };
  const payload = Buffer.from(
    encodeFrame({ ...frame, round: 1, bootFirst: 1, sentAt: 0, sentMono: 0 }, (bytes) =>
      deflateRawSync(bytes),
    ),
  );
  const packet = { cmd: 'publish', topic: 'tele/k-9', payload, qos: 0, dup: false, retain: false } as const;
  for (let sent = 0; sent < 10_000 && told.length === 0; sent += 100) {
    for (let i = 0; i < 100; i++) client.send(packet);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await refusal, 'k-9 does not read what it is sent');
  client.close();
  await local.close();
});

test('the last will of a client comes also when its connection is reset', async () => {
  const own = await startServer();
  for (let i = 0; i < 3; i++) {
    const device = `will-${i}`;
    const status = (online: boolean) =>
      JSON.stringify({ device, incarnation: '0123456789abcdef', online, clean: false });
    const will = {
      topic: `tele/${device}/status`,
      payload: Buffer.from(status(false)),
      qos: 1,
      retain: false,
    } as const;
    const client = new RawClient(own.port);
    assert.equal(await client.connect({ clientId: device, will }), 0);
    assert.ok(await client.publish(will.topic, status(true)));
    assert.equal(readFleet(own.data).find((found) => found.device === device)?.online, true);
    client.reset();
    const until = Date.now() + 20_000;
    while (readFleet(own.data).find((found) => found.device === device)?.online !== false) {
      assert.ok(Date.now() < until, JSON.stringify(own.refused));
      await wait(20);
    }
  }
  assert.deepEqual(own.refused, []);
  await own.close();
});
