import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { slackMessage } from '@linnet/connectors/alert';
import { agent } from '@linnet/agent';
import type { Alert } from '../index.ts';
import { newFolder, startServer, type TestServer } from '../../test/test-server.ts';
import { messageOf } from './alert-sink.ts';

const names = ['LINNET_WEBHOOK_URL', 'LINNET_WEBHOOK_SECRET', 'SLACK_WEBHOOK_URL'] as const;
after(() => names.forEach((name) => delete process.env[name]));

/** An endpoint that takes what comes while it is up. */
async function endpoint(port = 0) {
  const taken: { body: string; signature: unknown }[] = [];
  let heard = (): void => undefined;
  const http = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      taken.push({ body, signature: request.headers['linnet-signature'] });
      response.end();
      heard();
    });
  });
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  after(() => http.close());
  return {
    port: (http.address() as AddressInfo).port,
    taken,
    has: async (count: number) => {
      while (taken.length < count) await new Promise<void>((resolve) => (heard = resolve));
    },
    stop: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

/** A steady device, and so many readings that are anything but. */
async function strange(server: TestServer, id: string, count: number): Promise<void> {
  const a = await agent({ id, broker: server.url, buffer: newFolder() });
  for (let n = 0; n < 40; n++) await a.record({ t: 20 + (n % 5) / 10 });
  for (let n = 0; n < count; n++) {
    await a.record({ t: 1000 * (n + 1) ** 3 });
    await a.record({ t: 20 });
  }
  assert.ok(await a.drained(20_000));
  await a.close();
}

test('a dead endpoint loses no alert, not over a restart of the server either, and holds up nothing', async () => {
  const gone = await endpoint();
  await gone.stop();
  process.env['LINNET_WEBHOOK_URL'] = `http://127.0.0.1:${gone.port}/hook`;
  process.env['LINNET_WEBHOOK_SECRET'] = 'geheim';
  const data = newFolder();
  const file = join(data, 'alerts.jsonl');
  const [seen, troubles]: [Alert[], string[]] = [[], []];
  const options = {
    data,
    alerts: ['webhook', `file:${file}`],
    onAlert: (alert: Alert) => seen.push(alert),
    onAlertTrouble: (message: string) => troubles.push(message),
  };
  const first = await startServer(options);
  await strange(first, 'k-1', 3);
  assert.ok(seen.length >= 3);
  await first.close();
  assert.match(troubles.join('\n'), /webhook.*ECONNREFUSED.*trying again/);
  assert.match(troubles.at(-1) as string, /stay in the store/);
  const text = seen.map((alert) => JSON.stringify(alert));
  assert.deepEqual(
    readFileSync(file, 'utf8').trim().split('\n'),
    text,
    'the file has them all, though the webhook is dead',
  );

  const back = await endpoint(gone.port);
  const second = await startServer(options);
  await back.has(text.length);
  assert.deepEqual(
    back.taken.map(({ body }) => body),
    text,
  );
  assert.match(String(back.taken[0]?.signature), /^t=\d+,v1=/);
  await second.close();
  const third = await startServer(options);
  await third.close();
  assert.equal(back.taken.length, text.length, 'what was taken does not go out again');
  assert.equal(readFileSync(file, 'utf8').trim().split('\n').length, text.length);
});

test('a sink that comes later is not told of the past, and one without its address is refused by name', async () => {
  const data = newFolder();
  const without = await startServer({ data });
  await strange(without, 'k-1', 2);
  await without.close();
  const file = join(data, 'late.jsonl');
  const server = await startServer({ data, alerts: [`file:${file}`] });
  await server.close();
  assert.throws(() => readFileSync(file));
  delete process.env['SLACK_WEBHOOK_URL'];
  await assert.rejects(startServer({ alerts: ['slack'] }), /SLACK_WEBHOOK_URL/);
  await assert.rejects(startServer({ alerts: ['pigeon'] }), /slack, webhook or file:PATH/);
});

test('people are told first that an alert is old', () => {
  const alert: Alert = {
    alert: 'anomaly',
    sensor: 'k-1',
    device: 'k-1',
    region: 'north <!here>',
    metric: 't',
    value: 90,
    score: 7.123,
    threshold: 2,
    by: 'server',
    time: 1_784_000_000_000,
    receivedAt: 1_784_100_000_000,
    backlog: true,
  };
  const old = JSON.stringify(slackMessage(messageOf(alert)));
  assert.match(old, /Old, recorded offline: anomaly of t/);
  assert.match(old, new RegExp(new Date(alert.time).toISOString()));
  assert.doesNotMatch(old, /<!here>/);
  assert.doesNotMatch(JSON.stringify(messageOf({ ...alert, backlog: false })), /Old/);
});
