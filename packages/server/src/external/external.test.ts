/** A real Mosquitto between devices and server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { agent } from '@linnet/agent';
import { startMosquitto } from '../../../agent/test/brokers.ts';
import { newFolder, startServer, stored, type TestServer } from '../../test/test-server.ts';
import { DeviceRegistry } from '../devices/device-registry.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Starts a server at a broker and waits until it is subscribed. */
async function startAt(url: string, data: string, share?: string): Promise<TestServer> {
  let subscribed: (() => void) | undefined;
  const up = new Promise<void>((resolve) => (subscribed = resolve));
  const server = await startServer({
    data,
    broker: { url, ...(share !== undefined && { share }) },
    onTrouble: (message) => message === undefined && subscribed?.(),
  });
  await up;
  return server;
}

test('agents and plain devices through Mosquitto, over a restart of the server: all stored, once', async () => {
  const broker = await startMosquitto();
  const data = newFolder();
  const registry = new DeviceRegistry(data);
  await registry.add('p-2', 'acme');
  registry.close();
  let server = await startAt(broker.url, data);
  const a = await agent({ id: 'k-17', broker: broker.url, buffer: newFolder() });
  const plain = await connectAsync(broker.url);
  for (const n of numbers(200)) {
    await a.record({ n });
    await plain.publishAsync('tele/p-1', JSON.stringify({ n }), { qos: 1, retain: n === 5 });
    if (n === 100) {
      await server.close();
      server = await startAt(broker.url, data);
    }
  }
  await plain.publishAsync('tele/p-2', '{"n":1}', { qos: 1 });
  assert.ok(await a.drained(20_000), JSON.stringify(a.stats()));
  await a.close();
  await plain.endAsync();
  // A session that ends with everything answered has nothing left for the next one.
  await server.close();
  server = await startAt(broker.url, data);
  await server.close();
  assert.deepEqual(stored(data, 'k-17', 'n'), numbers(200));
  assert.deepEqual(
    stored(data, 'p-1', 'n').toSorted((x, y) => x - y),
    numbers(200),
  );
  assert.deepEqual(stored(data, 'acme/p-2', 'n'), [1]);
  await broker.stop();
});

test('two instances share the messages of one store: nothing lost, nothing twice, in order', async () => {
  const broker = await startMosquitto();
  const data = newFolder();
  const servers = [await startAt(broker.url, data, 'linnet'), await startAt(broker.url, data, 'linnet')];
  const agents = await Promise.all(
    ['k-1', 'k-2', 'k-3'].map((id) => agent({ id, broker: broker.url, buffer: newFolder() })),
  );
  for (const n of numbers(150)) await Promise.all(agents.map((a) => a.record({ n })));
  for (const a of agents) {
    assert.ok(await a.drained(60_000), JSON.stringify(a.stats()));
    await a.close();
  }
  for (const server of servers) await server.close();
  for (const id of ['k-1', 'k-2', 'k-3']) assert.deepEqual(stored(data, id, 'n'), numbers(150), id);
  await broker.stop();
});

test('a broker that is not there is told and tried again', async () => {
  let told: ((message: string) => void) | undefined;
  const trouble = new Promise<string>((resolve) => (told = resolve));
  const server = await startServer({
    broker: { url: 'mqtt://127.0.0.1:1' },
    onTrouble: (message) => message !== undefined && told?.(message),
  });
  assert.match(await trouble, /broker mqtt:\/\/127\.0\.0\.1:1: connect ECONNREFUSED/);
  await server.close();
});

test('two instances that take the session from each other are told what to do', async () => {
  const broker = await startMosquitto();
  const data = newFolder();
  const first = await startAt(broker.url, data);
  const told = Promise.withResolvers<string>();
  const second = await startServer({
    data,
    broker: { url: broker.url },
    onTrouble: (message) => message?.includes('again and again') && told.resolve(message),
  });
  assert.match(
    await told.promise,
    /another linnet serve at work on this store\? Give each of them --share NAME/,
  );
  await second.close();
  await first.close();
  await broker.stop();
});
