/** The agent's command at `linnet serve` over TLS: credentials from a file and from the environment, and what is said when they are wrong. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DeviceRegistry, readFleet, serve } from '@linnet/server';
import { Certificates } from '../../../packages/agent/test/certificates.ts';

const root = mkdtempSync(join(tmpdir(), 'linnet-agent-tls-'));
const certificates = new Certificates();
after(() => {
  certificates.remove();
  rmSync(root, { recursive: true, force: true });
});
const MAIN = join(import.meta.dirname, 'main.ts');
certificates.authority('ours');
for (const name of ['localhost', 'k-17', 'k-18']) certificates.certificate(name, 'ours');
const tls = { cert: certificates.path('localhost.crt'), key: certificates.path('localhost.key') };
const ca = ['--ca', certificates.path('ours.crt')];

function start(id: string, broker: string, more: readonly string[], env: Record<string, string> = {}) {
  const args = ['agent', '--id', id, '--broker', broker, '--buffer', join(root, id), ...more];
  const child = spawn(process.execPath, ['--conditions=source', MAIN, ...args], {
    env: { ...process.env, ...env },
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  return {
    child,
    says: async (pattern: RegExp) => {
      while (!pattern.test(said)) await once(child.stderr, 'data');
    },
    ended: async () => {
      await once(child, 'close');
      return said;
    },
  };
}

test('a secret from a file and from the environment; a wrong one, and an authority that is not known, are said and lose nothing', async () => {
  const data = join(root, 'secrets');
  const registry = new DeviceRegistry(data);
  const secret = await registry.add('k-17', 'acme');
  registry.close();
  const server = await serve({ data, mqtt: { port: 0, anonymous: false, tls } });
  const [right, wrong] = [join(root, 'right'), join(root, 'wrong')];
  writeFileSync(right, `${secret}\n`);
  writeFileSync(wrong, 'wrong\n');
  for (const [more, pattern] of [
    [
      [...ca, '--user', 'k-17', '--password-file', wrong],
      /refuses the connection: .*check user and password/,
    ],
    [['--user', 'k-17', '--password-file', right], /authority that is not known here .*--ca/],
  ] as const) {
    const { child, says, ended } = start('k-17', server.url, [...more, '--wait', '1ms']);
    child.stdin.write('{"t":1}\n');
    await says(pattern);
    child.stdin.end();
    assert.match(await ended(), /recorded 1, sent 0, acked 0/);
  }
  const file = start('k-17', server.url, [
    ...ca,
    '--user',
    'k-17',
    '--password-file',
    right,
    '--wait',
    '30s',
  ]);
  file.child.stdin.end('{"t":2}\n');
  assert.match(await file.ended(), /recorded 1, sent 3, acked 3, pending 0/);
  const credentials = { LINNET_MQTT_USER: 'k-17', LINNET_MQTT_PASSWORD: secret };
  const environment = start('k-17', server.url, [...ca, '--wait', '30s'], credentials);
  environment.child.stdin.end('{"t":3}\n');
  assert.match(await environment.ended(), /acked 1, pending 0/);
  await server.close();
  const [device] = readFleet(data);
  assert.deepEqual([device?.device, device?.stored, device?.gaps], ['acme/k-17', 4, 0]);
});

test('mutual TLS: the certificate is the device; killed, its last will says that it is offline', async (context) => {
  const data = join(root, 'mutual');
  const registry = new DeviceRegistry(data);
  await registry.add('k-18');
  registry.close();
  const server = await serve({
    data,
    mqtt: { port: 0, tls: { ...tls, clientCa: certificates.path('ours.crt') } },
  });
  context.after(() => server.close());
  const own = ['--cert', certificates.path('k-18.crt'), '--key', certificates.path('k-18.key')];
  const { child } = start('k-18', server.url, [...ca, ...own]);
  context.after(() => child.kill('SIGKILL'));
  child.stdin.write('{"t":1}\n');
  const until = Date.now() + 30_000;
  const reaches = async (online: boolean, stored: number) => {
    for (;;) {
      const [device] = readFleet(data);
      if (device?.online === online && device.stored === stored) return;
      assert.ok(Date.now() < until, JSON.stringify(device));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  // It says that it is there before its reading is stored.
  await reaches(true, 1);
  child.kill('SIGKILL');
  await reaches(false, 1);
});
