import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { librdkafkaSettings, readConnection } from './connection.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-connection-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

test('brokers alone are a plain connection', () => {
  const settings = librdkafkaSettings(readConnection('a:9092,b:9092'));
  assert.deepEqual(settings, { 'bootstrap.servers': 'a:9092,b:9092', 'security.protocol': 'plaintext' });
});

test('brokers that are no host and port are refused', () => {
  assert.throws(() => librdkafkaSettings({ brokers: 'no host' }), /give host:port/);
});

test('a password comes from a file, without its line break', () => {
  const passwordFile = file('password', 'geheim\n');
  const path = file(
    'c.json',
    JSON.stringify({ tls: true, sasl: { mechanism: 'SCRAM-SHA-512', username: 'u', passwordFile } }),
  );
  const settings = librdkafkaSettings(readConnection('a:1', path));
  assert.equal(settings['security.protocol'], 'sasl_ssl');
  assert.equal(settings['sasl.mechanism'], 'SCRAM-SHA-512');
  assert.equal(settings['sasl.password'], 'geheim');
});

test('a password comes from the environment; where it is missing the error names the variable', () => {
  const connection = {
    brokers: 'a:1',
    sasl: { mechanism: 'PLAIN', username: 'u', passwordEnv: 'LINNET_TEST_SECRET' },
  } as const;
  assert.throws(() => librdkafkaSettings(connection), /LINNET_TEST_SECRET/);
  process.env['LINNET_TEST_SECRET'] = 'x';
  assert.equal(librdkafkaSettings(connection)['sasl.password'], 'x');
  delete process.env['LINNET_TEST_SECRET'];
});

test('OAUTHBEARER fetches its tokens with the client’s own credentials', () => {
  const passwordFile = file('client-secret', 'abc');
  const ca = file('ca.pem', '');
  const sasl = {
    mechanism: 'OAUTHBEARER',
    tokenEndpoint: 'https://id/token',
    clientId: 'linnet',
    passwordFile,
  } as const;
  const settings = librdkafkaSettings({ brokers: 'a:1', tls: { ca }, sasl });
  assert.equal(settings['sasl.oauthbearer.method'], 'oidc');
  assert.equal(settings['sasl.oauthbearer.client.secret'], 'abc');
  assert.equal(settings['ssl.ca.location'], ca);
});

test('a connection file that is wrong says where', () => {
  assert.throws(() => readConnection('a:1', join(folder, 'none.json')), /none.json/);
  assert.throws(() => readConnection('a:1', file('broken.json', '{')), /broken.json/);
  assert.throws(
    () => readConnection('a:1', file('typo.json', '{"sasl":{"user":"x"}}')),
    /unknown "user"; known are mechanism/,
  );
  assert.throws(() => readConnection('a:1', file('secret.json', '{"password":"x"}')), /unknown "password"/);
});

test('a file of TLS that is not there is named; a certificate without its key is refused', () => {
  assert.throws(
    () => librdkafkaSettings({ brokers: 'a:1', tls: { ca: '/none.pem' } }),
    /tls\.ca \/none\.pem/,
  );
  const cert = file('cert.pem', '');
  assert.throws(
    () => librdkafkaSettings({ brokers: 'a:1', tls: { cert } }),
    /tls\.cert and tls\.key go together/,
  );
});
