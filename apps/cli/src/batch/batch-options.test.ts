/** Inputs and options of `linnet batch`, through the real process. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { linnet, type RunOptions } from '../../../../test/run-linnet.ts';

interface Row {
  readonly [column: string]: unknown;
  readonly anomaly: number;
  readonly score: number | null;
  readonly why: readonly { readonly column: string; readonly value: number }[];
}

const folder = mkdtempSync(join(tmpdir(), 'linnet-options-'));
const answers: ((response: ServerResponse) => void)[] = [];
const requests: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = [];
const server = createServer(({ url = '', headers }, response) => {
  requests.push({ url, headers });
  (answers.length > 1 ? answers.shift() : answers[0])?.(response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

/** A fleet of 200 sensors, one of which is far off; text and a time are carried along. */
const fleet = Array.from({ length: 200 }, (_, row) => ({
  id: row,
  place: `roof "${row % 3}", north`,
  at: '2024-04-11T00:00:00Z',
  temperature: row === 77 ? 500 : 20 + (row % 10),
  humidity: row % 25 === 3 ? null : 40 + (row % 7),
}));
const asJsonl = fleet.map((record) => JSON.stringify(record)).join('\n');
const asCsv = [
  'id,place,at,temperature,humidity',
  ...fleet.map(
    ({ id, place, at, temperature, humidity }) =>
      `${id},"${place.replaceAll('"', '""')}",${at},${temperature},${humidity ?? 'NA'}`,
  ),
].join('\r\n');
const asPurpleAir = JSON.stringify({
  fields: Object.keys(fleet[0] ?? {}),
  data: fleet.map((record) => Object.values(record)),
});
const asParquet = new Uint8Array(
  parquetWriteBuffer({
    columnData: [
      { name: 'id', data: fleet.map(({ id }) => id), type: 'INT32' },
      { name: 'place', data: fleet.map(({ place }) => place), type: 'STRING' },
      { name: 'at', data: fleet.map(({ at }) => at), type: 'STRING' },
      { name: 'temperature', data: fleet.map(({ temperature }) => temperature), type: 'DOUBLE' },
      { name: 'humidity', data: fleet.map(({ humidity }) => humidity), type: 'DOUBLE' },
    ],
  }),
);

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function rows(args: readonly string[], options: RunOptions = {}): Promise<Row[]> {
  const { code, stdout, stderr } = await linnet(['batch', ...args, '--output', 'json'], options);
  assert.equal(code, 0, stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

test('every format, by name or content, plain or gzip, from a file, standard input or an address, gives the same', async () => {
  const expected = await rows([write('fleet.jsonl', asJsonl)]);
  const far = expected.find(({ id }) => id === 77);
  assert.equal(far?.['place'], 'roof "2", north');
  assert.equal(far?.why[0]?.column, 'temperature');
  assert.deepEqual(await rows([write('fleet.csv', asCsv)]), expected);
  assert.deepEqual(await rows([write('fleet.parquet', asParquet)]), expected);
  assert.deepEqual(await rows([write('fleet.json', asPurpleAir)]), expected);
  assert.deepEqual(await rows([write('fleet.csv.gz', gzipSync(asCsv))]), expected);
  assert.deepEqual(await rows([write('unnamed', asParquet)]), expected);
  assert.deepEqual(await rows(['-'], { input: asCsv }), expected);
  assert.deepEqual(await rows(['-', '--format', 'jsonl'], { input: gzipSync(asJsonl) }), expected);
  answers.splice(0, Infinity, (response) => response.end(asCsv));
  assert.deepEqual(await rows([`${base}/fleet`]), expected);
});

test("PurpleAir's API: the key, a busy server, a rate limit, and then the data", async () => {
  requests.length = 0;
  answers.splice(
    0,
    Infinity,
    (response) => response.writeHead(503).end(),
    (response) => response.writeHead(429, { 'Retry-After': '0' }).end('{"error":"RateLimitExceededError"}'),
    (response) => response.end(asPurpleAir),
  );
  const env = { PURPLEAIR_API_KEY: 'a-key', PURPLEAIR_API_URL: base };
  const { code, stdout, stderr } = await linnet(['batch', '--format', 'purpleair', '--output', 'json'], {
    env,
  });
  assert.equal(code, 0, stderr);
  assert.ok(stdout.split('\n').some((line) => line.startsWith('{"id":77,')));
  assert.equal(requests.length, 3);
  assert.ok(
    requests.every(
      ({ url, headers }) => headers['x-api-key'] === 'a-key' && url.startsWith('/v1/sensors?fields='),
    ),
  );
  assert.match(stderr, /answered 503 .*trying again in 0\.\d s \(2 of 4\)/);
  assert.match(stderr, /answered 429 \(RateLimitExceededError\); trying again in 0\.0 s \(3 of 4\)/);
});

test("PurpleAir's API: a key that is refused is told at once", async () => {
  answers.splice(0, Infinity, (response) => response.writeHead(403).end('{"error":"ApiKeyInvalidError"}'));
  const { code, stderr } = await linnet(['batch', `${base}/v1/sensors?fields=x`, '--format', 'purpleair'], {
    env: { PURPLEAIR_API_KEY: 'bad' },
  });
  assert.equal(code, 1);
  assert.equal(
    stderr,
    `linnet: ${base}/v1/sensors answered 403 (ApiKeyInvalidError): check the key in PURPLEAIR_API_KEY\n`,
  );
});

test('--columns chooses what is scored; what is not is carried along as it came', async () => {
  const path = write('fleet.jsonl', asJsonl);
  const found = await rows([path, '--columns', 'humidity, id', '--all']);
  assert.equal(found[77]?.anomaly, 1);
  assert.equal(found[77]?.['temperature'], 500);
  const other = await rows([path, '--columns', 'temperature', '--all']);
  assert.equal(other[77]?.anomaly, -1);
  assert.equal(other[3]?.['humidity'], null);
});

test('--impute: neighbours, mean, or none where nothing is missing', async () => {
  const path = write('fleet.jsonl', asJsonl);
  const [knn, mean] = [await rows([path, '--all']), await rows([path, '--all', '--impute', 'mean'])];
  const present = fleet.flatMap(({ humidity }) => humidity ?? []);
  assert.equal(mean[3]?.['humidity'], present.reduce((a, b) => a + b) / present.length);
  assert.notEqual(knn[3]?.['humidity'], mean[3]?.['humidity']);
  assert.deepEqual(
    await rows([path, '--impute', 'none', '--columns', 'temperature,id']),
    await rows([path, '--columns', 'temperature,id']),
  );
});

test('--threshold, --contamination auto, --trees and --seed change what they say', async () => {
  const path = write('fleet.jsonl', asJsonl);
  const all = await rows([path, '--all']);
  const threshold = -0.5;
  const below = all.filter(({ score }) => (score ?? 0) < threshold).map(({ id }) => id);
  for (const option of [
    ['--threshold', String(threshold)],
    ['--contamination', 'auto'],
  ]) {
    assert.deepEqual(
      (await rows([path, ...option])).map(({ id }) => id),
      below,
      option.join(' '),
    );
  }
  assert.notDeepEqual(
    (await rows([path, '--all', '--seed', '43'])).map(({ score }) => score),
    all.map(({ score }) => score),
  );
  assert.notDeepEqual(
    (await rows([path, '--all', '--trees', '7'])).map(({ score }) => score),
    all.map(({ score }) => score),
  );
});

test('zscore: population standard deviation, gaps passed over, threshold 2 unless given', async () => {
  const path = write('z.csv', 'id,t\na,10\nb,12\nc,11\nd,NA\ne,9\nf,30\ng,10\n');
  const found = await rows([path, '--detector', 'zscore', '--impute', 'none', '--all']);
  const values = [10, 12, 11, 9, 30, 10];
  const mean = values.reduce((a, b) => a + b) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  assert.ok(Math.abs((found[5]?.score ?? 0) - (30 - mean) / deviation) < 1e-12);
  assert.deepEqual(
    found.map(({ anomaly }) => anomaly),
    [1, 1, 1, 1, 1, -1, 1],
  );
  assert.equal(found[3]?.score, null);
  assert.deepEqual(
    (await rows([path, '--detector', 'zscore', '--threshold', '0.2', '--impute', 'none'])).map(
      ({ id }) => id,
    ),
    ['a', 'b', 'c', 'e', 'f', 'g'].filter((id) => {
      const value = { a: 10, b: 12, c: 11, e: 9, f: 30, g: 10 }[id] ?? 0;
      return Math.abs((value - mean) / deviation) > 0.2;
    }),
  );
});

test('zscore says when a threshold cannot be reached', async () => {
  const path = write('five.csv', 'id,t\na,20\nb,21\nc,22\nd,21\ne,50\n');
  const { code, stdout, stderr } = await linnet(['batch', path, '--detector', 'zscore']);
  assert.equal(code, 0);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /no \|z\| of 5 readings can exceed 2, the square root of 5 - 1: a threshold of 2 finds nothing/,
  );
  assert.match(stderr, /no anomaly in 5 records/);
});

test('--plot and --out are written together, and the table goes to one place', async () => {
  const [out, plot] = [join(folder, 'o.csv'), join(folder, 'o.svg')];
  const { code, stdout, stderr } = await linnet([
    'batch',
    write('fleet.csv', asCsv),
    '--output',
    'csv',
    '--out',
    out,
    '--plot',
    plot,
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, '');
  assert.match(readFileSync(out, 'utf8'), /^id,place,at,temperature,humidity,anomaly,score,why\r\n/);
  assert.match(readFileSync(plot, 'utf8'), /^<svg /);
  assert.match(stderr, /fleet\.csv has no latitude and longitude: the picture has no map/);
});
