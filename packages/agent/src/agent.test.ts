import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { agent, type Agent, type AgentOptions } from './agent.ts';
import { AckServer, judge } from '../test/ack-server.ts';
import { startAedes, startMosquitto } from '../test/brokers.ts';

const root = mkdtempSync(join(tmpdir(), 'linnet-agent-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const buffer = () => join(root, String(folders++));
const start = (broker: string, more: Partial<AgentOptions> = {}) =>
  agent({ id: 'k-17', broker, buffer: buffer(), ...more });
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const recordAll = (a: Agent, list: readonly number[]) =>
  Promise.all(list.map((n) => a.record({ n, temperature: 20 + (n % 7) / 10 })));

for (const [name, startBroker, version] of [
  ['aedes', startAedes, '3.1.1'],
  ['Mosquitto', startMosquitto, '5'],
] as const) {
  test(`${name}: what is recorded offline and online is stored once, in order, marked backlog or live`, async () => {
    const broker = await startBroker();
    const server = await new AckServer({
      url: broker.url,
      protocolVersion: name === 'aedes' ? 4 : 5,
    }).start();
    const folder = buffer();
    const offline = await start('mqtt://127.0.0.1:1', { buffer: folder });
    await recordAll(offline, numbers(1, 2500));
    assert.equal(offline.stats().pending, 2500);
    await offline.close();

    const a = await start(broker.url, { buffer: folder });
    assert.equal(a.stats().recovered, 2500);
    for (let tries = 0; !a.stats().connected && tries < 500; tries++)
      await new Promise((go) => setTimeout(go, 10));
    for (const n of numbers(2501, 2600)) await a.record({ n });
    assert.ok(await a.drained(10_000), JSON.stringify(a.stats()));
    const { recovered, recorded, acked, pending, mqtt } = a.stats();
    assert.deepEqual(
      { recovered, recorded, acked, pending, mqtt },
      {
        recovered: 2500,
        recorded: 100,
        acked: 2600,
        pending: 0,
        mqtt: version,
      },
    );
    await a.close();
    assert.deepEqual(judge(server.rows(), numbers(1, 2600)), {
      recorded: 2600,
      stored: 2600,
      lost: 0,
      duplicated: 0,
      outOfOrder: 0,
    });
    const live = server.rows().filter((row) => row.live === 1);
    assert.ok(live.length >= 90, `${live.length} went live`);
    assert.ok(server.frames < 130, `backlog went in batches: ${server.frames} frames`);
    await server.stop();
    await broker.stop();
  });
}

test('options that cannot be are refused by name before anything is made', async () => {
  for (const [wrong, says] of [
    [{ id: 'a/b' }, /a\/b/],
    [{ broker: 'http://x' }, /http:\/\/x/],
    [{ broker: 'mqtt://u:secret@x' }, /LINNET_MQTT_PASSWORD/],
    [{ maxBytes: '64XB' }, /maxBytes: 64XB/],
    [{ maxBytes: 10 }, /maxBytes: 10 is below/],
    [{ id: undefined }, /undefined is no device id/],
    [{ mqtt: 7 }, /mqtt: 7 is none of auto, 5, 4/],
    [{ sendEveryMs: -1 }, /sendEveryMs: -1 is no time/],
    [{ onFull: 'explode' }, /onFull: explode is none of drop-oldest, drop-newest, block/],
    [{ fsync: 'sometimes' }, /fsync: sometimes/],
    [{ topic: 'tele/#' }, /tele\/#/],
    [{ detect: 'magic' }, /zscore, half-space-trees/],
    [{ tls: { ca: 'no-such-file' }, broker: 'mqtts://x' }, /no-such-file/],
  ] as const) {
    const options = { id: 'k-17', broker: 'mqtt://127.0.0.1:1', buffer: join(root, 'never'), ...wrong };
    await assert.rejects(agent(options as unknown as AgentOptions), says);
  }
  assert.ok(!existsSync(join(root, 'never')));
});

test('what is no reading is refused, counted, and does not reach the disk', async () => {
  const a = await start('mqtt://127.0.0.1:1');
  for (const wrong of [undefined, 7, [1], JSON.parse('{"a":{"__proto__":1}}'), { big: 'x'.repeat(40_000) }]) {
    await assert.rejects(a.record(wrong as object), { code: 'data.invalid' });
  }
  const { recorded, pending, dropped } = a.stats();
  assert.deepEqual([recorded, pending, dropped.invalid], [0, 0, 5]);
  await a.close();
});
