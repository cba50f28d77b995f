/** A gateway over links of all kinds: the cloud's view is within epsilon at each confirmed instant, with never more messages than instants. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { startMosquitto } from '../../../agent/test/brokers.ts';
import { DeviceRegistry, serve, type ServeOptions, type Server } from '@linnet/server';
import { makeCertificates } from '../../test/certificates.ts';
import { Link } from '../../test/link.ts';
import { runLink } from '../../test/live-link.ts';
import { compare, readings, START } from '../../test/series.ts';

const root = mkdtempSync(join(tmpdir(), 'linnet-links-'));
after(() => rmSync(root, { recursive: true, force: true }));
const folder = (name: string): string => join(root, name);
const main = join(import.meta.dirname, '../../../../apps/cli/src/main.ts');
const files = makeCertificates(root);
const portOf = (url: string): number => Number(new URL(url).port);

/** Starts a cloud that ends with the test, and waits until it hears its broker. */
async function cloud(t: TestContext, options: Omit<ServeOptions, 'onTrouble'>): Promise<Server> {
  const hears = Promise.withResolvers<void>();
  const onTrouble = (message?: string): void => (message === undefined ? hears.resolve() : undefined);
  const server = await serve({ ...options, onTrouble });
  t.after(() => server.close());
  if (options.broker !== undefined) await hears.promise;
  return server;
}

test('Mosquitto between gateway and cloud, killed on the way', async (t) => {
  const broker = await startMosquitto();
  t.after(() => broker.stop());
  const data = folder('mosquitto');
  await cloud(t, { data, broker: { url: broker.url } });
  await runLink({
    id: 'gw-m',
    up: broker.url,
    near: folder('mosquitto-gateway'),
    data,
    instants: 200,
    trouble: (part) => (part === 4 ? broker.restart() : undefined),
  });
});

test('Mosquitto over mqtts on both sides', async (t) => {
  const tls = { 'ca.crt': files.ca, 'localhost.crt': files.cert, 'localhost.key': files.key };
  const texts = Object.fromEntries(
    Object.entries(tls).map(([name, path]) => [name, readFileSync(path, 'utf8')]),
  );
  const lines = ['allow_anonymous true', 'cafile %D/ca.crt', 'certfile %D/localhost.crt'];
  const broker = await startMosquitto([...lines, 'keyfile %D/localhost.key'].join('\n'), texts);
  t.after(() => broker.stop());
  const url = `mqtts://localhost:${broker.port}`;
  const data = folder('mqtts');
  await cloud(t, { data, broker: { url, tls: { ca: files.ca } } });
  const near = folder('mqtts-gateway');
  await runLink({ id: 'gw-s', up: url, near, data, instants: 100, connection: { tls: { ca: files.ca } } });
});

test('a link that resets every connection after some kilobytes', async (t) => {
  const data = folder('resets');
  const server = await cloud(t, { data, mqtt: { port: 0 } });
  const link = await Link.open(portOf(server.url), 3000);
  t.after(() => link.close());
  await runLink({ id: 'gw-r', up: link.url, near: folder('resets-gateway'), data, instants: 200 });
  assert.ok(link.resets > 3, `${link.resets} resets`);
});

test('packets are lost: an interface that comes and goes', { skip: namespaces() }, async () => {
  const { stdout } = await promisify(execFile)('unshare', [
    '-n',
    process.execPath,
    '--conditions=source',
    join(import.meta.dirname, '../../test/flapping-main.ts'),
    folder('namespace'),
  ]);
  const { messages, foretold } = JSON.parse(stdout) as { messages: number; foretold: number };
  // While nothing comes through, the cloud still shows something.
  assert.ok(messages <= 50 && foretold >= 20, stdout);
});

test('linnet gateway over mqtts with a credential; linnet query shows what is confirmed and what is not', async (t) => {
  const data = folder('command');
  const registry = new DeviceRegistry(data);
  const secret = await registry.add('gw-c');
  registry.close();
  const mqtt = { port: 0, anonymous: false, tls: { cert: files.cert, key: files.key } };
  const server = await cloud(t, { data, mqtt });
  const args = 'gateway --id gw-c --resample 1min --epsilon temperature=0.5 --deadline 4 --ca'.split(' ');
  const up = `mqtts://localhost:${portOf(server.url)}`;
  const lines = readings(0, 100).map((reading) => `${JSON.stringify(reading)}\n`);
  const running = promisify(execFile)(
    process.execPath,
    ['--conditions=source', main, ...args, files.ca, '--up', up, '--data', folder('command-gateway')],
    { env: { ...process.env, LINNET_MQTT_PASSWORD: secret } },
  );
  running.child.stdin?.end(lines.join(''));
  await running;
  await server.close();
  compare(data, 'gw-c', 100);
  const to = new Date(START + 103 * 60_000).toISOString();
  const query = (...more: string[]) =>
    spawnSync(
      process.execPath,
      ['--conditions=source', main, 'query', '--store', data, '--sensor', 'gw-c/1', '--to', to, ...more],
      { encoding: 'utf8' },
    );
  const { stdout } = query('--provisional', '--output', 'json');
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(rows.length, 103);
  const provisional = rows.filter(({ _status }) => _status === 'provisional');
  assert.deepEqual(
    provisional.map(({ time, _bound }) => [time, _bound]),
    [100, 101, 102].map((instant) => [new Date(START + instant * 60_000).toISOString(), null]),
  );
  assert.ok(provisional.every(({ temperature }) => typeof temperature === 'number'));
  const statuses = new Set(rows.map(({ _status }) => _status));
  assert.deepEqual([...statuses].toSorted(), [
    'backfilled',
    'measured',
    'missing',
    'predicted',
    'provisional',
  ]);
  assert.match(stdout, /"_predictor":"linear"/);
  assert.doesNotMatch(query('--output', 'json').stdout, /provisional/);
  assert.equal(query('--provisional', '--list').status, 2);
});

/** Why a namespace of its own cannot be had, or false. */
function namespaces(): string | false {
  const { status } = spawnSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up']);
  return status === 0 ? false : 'needs root, unshare and ip';
}
