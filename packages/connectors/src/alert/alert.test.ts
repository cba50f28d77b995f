import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import type { SinkContext, SinkWriter } from '@linnet/core';
import { jsonFile, slack, slackMessage, webhook } from './index.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type Reply = readonly [status: number, headers?: Readonly<Record<string, string>>];

/** A real server that answers as it is told, then 200. */
async function server(t: TestContext, replies: Reply[] = []): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks) });
      const [status, headers = {}] = replies.shift() ?? [200];
      response.writeHead(status, headers).end('said');
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => http.close());
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/secret/path`, received };
}

function context(): SinkContext & { readonly troubles: string[] } {
  const troubles: string[] = [];
  return {
    step: 'alerts',
    format: 'text',
    print: () => Promise.resolve(),
    trouble: (text) => troubles.push(text),
    troubles,
  };
}

const FAST = { pauseMs: 5, pauseMsMax: 20 };
const ALERT = {
  title: 'Suspected Smoke Event',
  region: 'Troy <!channel> *x*',
  sensors: ['a & b', 'ü'],
  start: '2022-07-18T00:00:00.000Z',
};

test('a Slack post has title, region, sensors and start, its length in bytes, and no markup of a device', async (t) => {
  const { url, received } = await server(t);
  const writer = slack({ url }).open(context()) as SinkWriter<typeof ALERT>;
  await writer.write([ALERT]);
  const [{ headers, body } = { headers: {}, body: Buffer.of() }] = received;
  assert.equal(Number(headers['content-length']), body.length);
  assert.match(String(headers['content-type']), /^application\/json/);
  const text = body.toString();
  assert.deepEqual(JSON.parse(text), slackMessage(ALERT));
  for (const part of ['Suspected Smoke Event', 'Troy', 'a &amp; b', 'ü', '2022-07-18T00:00:00.000Z'])
    assert.ok(text.includes(part), part);
  assert.ok(!text.includes('<!channel>'));
});

test('429 is waited for as the server asks, 5xx is tried again, and the order is kept', async (t) => {
  const { url, received } = await server(t, [[500], [429, { 'retry-after': '0.05' }], [503]]);
  const own = context();
  const writer = webhookTo(url, own);
  await writer.write([{ n: 1 }, { n: 2 }]);
  assert.deepEqual(
    received.map(({ body }) => (JSON.parse(body.toString()) as { n: number }).n),
    [1, 1, 1, 1, 2],
  );
  assert.equal(own.troubles.length, 2);
  assert.match(own.troubles[0] as string, /answered 500 said; trying again until it is taken/);
  assert.ok(!own.troubles.join().includes('/secret/path'));
});

test('a signed webhook can be checked by who knows the secret, and names a repeated record the same', async (t) => {
  const { url, received } = await server(t, [[502]]);
  await webhookTo(url, context()).write([{ n: 1 }]);
  const [first, second] = received as [Received, Received];
  assert.equal(first.headers['idempotency-key'], second.headers['idempotency-key']);
  const [, seconds, hex] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(second.headers['linnet-signature'])) ?? [];
  assert.equal(createHmac('sha256', 'geheim').update(`${seconds}.`).update(second.body).digest('hex'), hex);
});

test('a record that the server refuses for its content is told and holds up nothing', async (t) => {
  const { url, received } = await server(t, [[400]]);
  const own = context();
  await webhookTo(url, own).write([{ n: 1 }, { n: 2 }]);
  assert.equal(received.length, 2);
  assert.match(own.troubles.join(), /answered 400 said; it does not take this one: {"n":1}/);
});

test('a dead endpoint ends a run that is over, with what was not delivered', async () => {
  const writer = webhookTo('http://127.0.0.1:1/x', context(), { patienceMs: 0 });
  const writing = writer.write([{ n: 1 }]);
  writer.hurry?.();
  await assert.rejects(writing, { code: 'io.failed', retryable: true });
});

test('an address or a secret that is missing is named by its variable', () => {
  assert.throws(() => slack().open(context()), /SLACK_WEBHOOK_URL/);
  assert.throws(
    () => webhook({ url: 'https://a/b', secretEnv: 'NO_SUCH_SECRET' }).open(context()),
    /NO_SUCH_SECRET/,
  );
  assert.throws(() => slack({ url: 'ftp://a' }).open(context()), /write it as https/);
});

test('a file takes a line a record, behind what it holds', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-alert-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'alerts.jsonl');
  for (const n of [1, 2]) {
    const writer = jsonFile<object>(path).open(context()) as SinkWriter<object>;
    await writer.write([{ n }]);
    await writer.close();
  }
  assert.equal(readFileSync(path, 'utf8'), '{"n":1}\n{"n":2}\n');
  const writer = jsonFile<object>(join(folder, 'no', 'such.jsonl')).open(context()) as SinkWriter<object>;
  await assert.rejects(writer.write([{}]), /sink "alerts": cannot write .*such.jsonl/);
});

process.env['LINNET_TEST_WEBHOOK'] = 'geheim';
after(() => delete process.env['LINNET_TEST_WEBHOOK']);

function webhookTo(url: string, own: SinkContext, more: { patienceMs?: number } = {}): SinkWriter<object> {
  return webhook<object>({ url, secretEnv: 'LINNET_TEST_WEBHOOK', ...FAST, ...more }).open(
    own,
  ) as SinkWriter<object>;
}
