/** TLS and mutual TLS of the embedded broker, with certificates made here. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RawClient } from '../../test/raw-client.ts';
import { newFolder, startServer, stored } from '../../test/test-server.ts';
import { DeviceRegistry } from '../devices/device-registry.ts';

const folder = newFolder();
const file = (name: string) => join(folder, name);
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });

function authority(name: string): void {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.crt`,
  );
}

function certificate(name: string, by: string): void {
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${by}.crt`,
    '-CAkey',
    `${by}.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-out',
    `${name}.crt`,
  );
}

const shown = (name: string) => ({
  cert: readFileSync(file(`${name}.crt`)),
  key: readFileSync(file(`${name}.key`)),
});

authority('ours');
authority('theirs');
for (const name of ['localhost', 'k-1', 'k-9']) certificate(name, 'ours');

test('TLS: the secret goes encrypted, plain text gets no answer', async () => {
  const data = newFolder();
  const registry = new DeviceRegistry(data);
  const secret = Buffer.from(await registry.add('k-1'));
  registry.close();
  const tls = { cert: file('localhost.crt'), key: file('localhost.key') };
  const server = await startServer({ data, mqtt: { tls, anonymous: false } });
  assert.match(server.url, /^mqtts:/);
  const ca = readFileSync(file('ours.crt'));
  const client = new RawClient(server.port, { ca, servername: 'localhost' });
  assert.equal(await client.connect({ username: 'k-1', password: secret }), 0);
  assert.ok(await client.publish('tele/k-1', '{"t":1}'));
  const plain = new RawClient(server.port);
  assert.equal(await plain.connect({ username: 'k-1', password: secret }), undefined);
  client.close();
  await server.close();
  assert.deepEqual(stored(data, 'k-1', 't'), [1]);
});

test('mutual TLS: the certificate is the identity, and the list of devices still decides', async () => {
  const data = newFolder();
  const registry = new DeviceRegistry(data);
  await registry.add('k-1', 'acme');
  const tls = { cert: file('localhost.crt'), key: file('localhost.key'), clientCa: file('ours.crt') };
  const server = await startServer({ data, mqtt: { tls } });
  const ca = readFileSync(file('ours.crt'));
  const come = async (more: object, connect: object = {}) => {
    const client = new RawClient(server.port, { ca, servername: 'localhost', ...more });
    return { client, code: await client.connect(connect) };
  };
  const good = await come(shown('k-1'));
  assert.equal(good.code, 0);
  assert.ok(await good.client.publish('tele/k-1', '{"t":1}'));
  assert.equal(await good.client.publish('tele/k-9', '{"t":1}'), false);
  assert.equal((await come({})).code, undefined, 'no certificate');
  certificate('k-1', 'theirs');
  assert.equal((await come(shown('k-1'))).code, undefined, 'a certificate of another authority');
  assert.equal((await come(shown('k-9'))).code, 5, 'a device that is not on the list');
  certificate('k-1', 'ours');
  assert.equal(
    (await come(shown('k-1'), { username: 'k-9' })).code,
    5,
    'another name than the certificate’s',
  );
  const session = await come(shown('k-1'));
  registry.remove('k-1');
  await session.client.closed;
  registry.close();
  await server.close();
  assert.deepEqual(stored(data, 'acme/k-1', 't'), [1]);
});
