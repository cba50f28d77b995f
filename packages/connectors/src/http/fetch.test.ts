import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { fetchBytes, type FetchOptions } from './fetch-bytes.ts';
import { fetchPurpleAir } from './purpleair-api.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** What the server does next, one entry a request; the last is repeated. */
let answers: Answer[] = [];
let requests: IncomingMessage[] = [];
const server = createServer((request, response) => {
  requests.push(request);
  (answers.length > 1 ? answers.shift() : answers[0])?.(request, response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
after(() => {
  server.closeAllConnections();
  server.close();
});

function say(status: number, body = '', headers: Record<string, string> = {}): Answer {
  return (_, response) => response.writeHead(status, headers).end(body);
}

const drop: Answer = (request) => request.socket.destroy();
const stall: Answer = (_, response) => void response.writeHead(200).write('x');
const flood: Answer = (_, response) => {
  response.writeHead(200);
  for (let i = 0; i < 100; i++) response.write(Buffer.alloc(1000));
  response.end();
};

/** Options that wait without waiting, and what was waited for. */
function script(...given: Answer[]): { options: FetchOptions; pauses: number[]; told: string[] } {
  answers = given;
  requests = [];
  const [pauses, told]: [number[], string[]] = [[], []];
  const wait = (milliseconds: number) => Promise.resolve(pauses.push(milliseconds));
  return { options: { wait, random: () => 0.5, onRetry: (sentence) => told.push(sentence) }, pauses, told };
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('a 5xx and a broken connection are tried again, later each time', async () => {
  const { options, pauses, told } = script(say(503, 'busy'), drop, say(500), say(200, 'data'));
  assert.equal(text(await fetchBytes(`${base}/a?key=x`, options)), 'data');
  assert.deepEqual(pauses, [375, 750, 1500]);
  assert.equal(told[0], `${base}/a answered 503 (Service Unavailable); trying again in 0.4 s (2 of 4)`);
});

test('after the last try the error says how many there were', async () => {
  const { options, pauses } = script(say(502));
  await assert.rejects(fetchBytes(base, options), {
    code: 'io.failed',
    message: /answered 502 .*\(tried 4 times\)/,
  });
  assert.equal(pauses.length, 3);
});

test('429 waits as long as Retry-After says, in seconds or until a date, and not for ever', async () => {
  const seconds = script(say(429, '', { 'Retry-After': '7' }), say(200, 'ok'));
  await fetchBytes(base, seconds.options);
  assert.deepEqual(seconds.pauses, [7000]);

  const until = new Date(Date.now() + 20_000).toUTCString();
  const date = script(say(429, '', { 'Retry-After': until }), say(200, 'ok'));
  await fetchBytes(base, date.options);
  assert.ok(date.pauses[0] !== undefined && date.pauses[0] > 15_000 && date.pauses[0] <= 20_000);

  const long = script(say(429, '', { 'Retry-After': '3600' }));
  await assert.rejects(fetchBytes(base, long.options), {
    code: 'io.refused',
    message: /asks to wait 3600 s/,
  });
  assert.deepEqual(long.pauses, []);
});

test('4xx is final, with what the server said of it', async () => {
  const body = JSON.stringify({ error: 'InvalidFieldError', description: 'No field\n called x.' });
  const { options, pauses } = script(say(400, body));
  await assert.rejects(fetchBytes(base, options), {
    code: 'io.failed',
    message: /answered 400 \(InvalidFieldError, No field called x\.\)$/,
  });
  assert.deepEqual(pauses, []);
  script(say(404));
  await assert.rejects(fetchBytes(base, options), { code: 'io.not-found' });
});

test('a server that never answers, or stops in the body, is given up', async () => {
  for (const answer of [() => undefined, stall]) {
    const { options } = script(answer);
    await assert.rejects(fetchBytes(base, { ...options, timeoutMs: 50, tries: 2 }), {
      message: /no answer within 0\.05 s \(tried 2 times\)/,
    });
  }
});

test('a body beyond the limit is refused, announced or not', async () => {
  for (const answer of [say(200, 'x'.repeat(5000)), flood]) {
    const { options } = script(answer);
    await assert.rejects(fetchBytes(base, { ...options, bytesMax: 4096 }), {
      code: 'io.failed',
      message: /is larger than/,
    });
    assert.equal(requests.length, 1);
  }
});

test('a refused connection names the reason', async () => {
  await assert.rejects(fetchBytes('http://127.0.0.1:1/x', { tries: 1 }), {
    code: 'io.failed',
    message: /cannot fetch http:\/\/127\.0\.0\.1:1\/x: /,
  });
});

test('PurpleAir: the key goes in X-API-Key, and the API is asked for its fields', async () => {
  const { options } = script(say(200, '{}'));
  await fetchPurpleAir({ PURPLEAIR_API_KEY: 'secret', PURPLEAIR_API_URL: base }, undefined, options);
  assert.equal(requests[0]?.headers['x-api-key'], 'secret');
  const url = new URL(requests[0]?.url ?? '', base);
  assert.equal(url.pathname, '/v1/sensors');
  assert.match(url.searchParams.get('fields') ?? '', /^date_created,rssi,.*pm10\.0_cf_1$/);
});

test('PurpleAir: an address is asked as it is given; the key stays home when it leads elsewhere', async () => {
  const { options } = script(say(302, '', { Location: 'http://example.org/x?token=1' }));
  await assert.rejects(
    fetchPurpleAir({ PURPLEAIR_API_KEY: 'secret' }, `${base}/v1/sensors?fields=a`, options),
    { message: /leads on to http:\/\/example\.org\/x: give that address/ },
  );
  assert.equal(requests[0]?.url, '/v1/sensors?fields=a');
  assert.equal(requests[0]?.headers['x-api-key'], 'secret');
  const plain = script(say(200, '{}'));
  await fetchPurpleAir({}, `${base}/x`, plain.options);
  assert.equal(requests[0]?.headers['x-api-key'], undefined);
});

test('PurpleAir: no key, and a key that is not taken', async () => {
  await assert.rejects(fetchPurpleAir({}), { code: 'io.refused', message: /PURPLEAIR_API_KEY is not set/ });
  for (const status of [401, 403]) {
    const { options, pauses } = script(say(status, '{"error":"ApiKeyInvalidError"}'));
    await assert.rejects(fetchPurpleAir({ PURPLEAIR_API_KEY: 'wrong' }, base, options), {
      code: 'io.refused',
      message: new RegExp(`answered ${status} \\(ApiKeyInvalidError\\): check the key in PURPLEAIR_API_KEY`),
    });
    assert.deepEqual(pauses, []);
  }
});
