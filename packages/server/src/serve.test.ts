import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { agent } from '@linnet/agent';
import { newFolder, stored } from '../test/test-server.ts';
import { readFleet, serve } from './index.ts';

test('what an agent recorded offline and online is stored once, in order, and leaves its disk', async () => {
  const data = newFolder();
  const buffer = newFolder();
  const offline = await agent({ id: 'k-17', broker: 'mqtt://127.0.0.1:1', buffer });
  await Promise.all(Array.from({ length: 2500 }, (_, i) => offline.record({ n: i })));
  await offline.close();

  const server = await serve({ data, mqtt: { port: 0 } });
  after(() => server.close());
  const a = await agent({ id: 'k-17', broker: server.url, buffer });
  for (let i = 2500; i < 2600; i++) await a.record({ n: i });
  assert.ok(await a.drained(20_000), JSON.stringify(a.stats()));
  await a.close();
  const [device] = readFleet(data);
  assert.deepEqual(
    [device?.device, device?.stored, device?.recorded, device?.gaps, device?.missing, device?.duplicates],
    ['k-17', 2600, 2600, 0, 0, 0],
  );
  await server.close();
  const found = stored(data, 'k-17', 'n');
  assert.deepEqual(
    found,
    Array.from({ length: 2600 }, (_, i) => i),
  );
});

/** A connection as soon as somebody listens. */
async function connected(port: number): Promise<Socket> {
  for (const until = Date.now() + 30_000; ;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}

test('a device that comes before the store is open waits until it is', async (context) => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const starting = serve({ data: newFolder(), mqtt: { port } });
  context.after(async () => (await starting).close());
  const socket = await connected(port);
  socket.write(Buffer.from('100d00044d5154540402003c000168', 'hex'));
  const sentAway = once(socket, 'close').then(() => assert.fail('it was sent away'));
  const [answer] = (await Promise.race([once(socket, 'data'), sentAway])) as [Buffer];
  assert.equal(answer.toString('hex'), '20020000');
});
