/** TLS, credentials and refusals at a real broker: what is said, how often it is tried again, and that nothing is lost. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { agent, type Agent, type AgentOptions } from './agent.ts';
import { AckServer, type AckServerOptions } from '../test/ack-server.ts';
import { startMosquitto, type Mosquitto } from '../test/brokers.ts';
import { Certificates } from '../test/certificates.ts';

const root = mkdtempSync(join(tmpdir(), 'linnet-agent-tls-'));
const certificates = new Certificates();
const ACL = 'pattern write tele/%u/#\npattern read cmd/%u/#\nuser server\ntopic readwrite #\n';
let mutual: Mosquitto;
let secret: Mosquitto;
let folders = 0;

before(async () => {
  for (const name of ['ours', 'theirs']) certificates.authority(name);
  for (const name of ['localhost', 'server', 'k-17']) certificates.certificate(name, 'ours');
  certificates.certificate('stranger', 'theirs');
  const files = Object.fromEntries(
    ['ours.crt', 'localhost.crt', 'localhost.key'].map((name) => [name, certificates.text(name)]),
  );
  const tls = 'cafile %D/ours.crt\ncertfile %D/localhost.crt\nkeyfile %D/localhost.key';
  mutual = await startMosquitto(
    `${tls}\nrequire_certificate true\nuse_identity_as_username true\nallow_anonymous false\nacl_file %D/acl`,
    { ...files, acl: ACL },
  );
  secret = await startMosquitto(`${tls}\nallow_anonymous false\npassword_file %D/users\nacl_file %D/acl`, {
    ...files,
    acl: ACL,
    users: passwords({ 'k-17': 'right', server: 'own' }),
  });
});
after(async () => {
  await mutual.stop();
  await secret.stop();
  certificates.remove();
  rmSync(root, { recursive: true, force: true });
});

/** A password file as Mosquitto has it, hashed. */
function passwords(users: Record<string, string>): string {
  const file = join(root, 'users');
  writeFileSync(
    file,
    Object.entries(users)
      .map(([user, password]) => `${user}:${password}\n`)
      .join(''),
  );
  assert.equal(spawnSync('mosquitto_passwd', ['-U', file]).status, 0);
  return readFileSync(file, 'utf8');
}

const own = (name: string) => ({
  cert: certificates.path(`${name}.crt`),
  key: certificates.path(`${name}.key`),
});
const ca = () => certificates.path('ours.crt');
const mqtts = ({ port }: { port: number }) => `mqtts://127.0.0.1:${port}`;

async function start(
  options: Omit<AgentOptions, 'id'>,
): Promise<{ a: Agent; troubles: string[]; says: (pattern: RegExp) => Promise<string> }> {
  const troubles: string[] = [];
  let heard = (): void => undefined;
  const onTrouble = (message: string) => {
    troubles.push(message);
    heard();
  };
  const a = await agent({ id: 'k-17', buffer: join(root, String(folders++)), onTrouble, ...options });
  const says = async (pattern: RegExp) => {
    for (;;) {
      const found = troubles.find((message) => pattern.test(message));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (heard = resolve));
    }
  };
  return { a, troubles, says };
}

/** Nothing of what was recorded while it went wrong is lost: with the right options the same buffer drains. */
/** Who acknowledges, with what it logs in with. */
function serverAt(broker: { readonly port: number }, login: Partial<AckServerOptions>): Promise<AckServer> {
  const authority = certificates.text('ours.crt');
  return new AckServer({ url: mqtts(broker), protocolVersion: 5, ca: authority, ...login }).start();
}

async function drains(server: AckServer, options: Omit<AgentOptions, 'id'>, n: number): Promise<void> {
  const { a, troubles } = await start(options);
  assert.ok(await a.drained(20_000), JSON.stringify([a.stats(), troubles]));
  assert.equal(a.stats().mqtt, '5');
  await a.close();
  const rows = server.rows().map((row) => (JSON.parse(row.payload) as { n: number }).n);
  assert.ok(rows.includes(n), `${n} of ${rows.join()}`);
}

test('mutual TLS: an authority that we do not know, a certificate that the broker does not know and none at all are said', async () => {
  const server = await serverAt(mutual, {
    cert: certificates.text('server.crt'),
    key: certificates.text('server.key'),
  });
  const broker = mqtts(mutual);
  const buffer = join(root, 'mutual');
  for (const [n, tls, said] of [
    [1, { ca: certificates.path('theirs.crt'), ...own('k-17') }, /authority.*--ca/],
    [2, { ca: ca(), ...own('stranger') }, /certificate.*--cert/],
    [3, { ca: ca() }, /certificate.*--cert/],
  ] as const) {
    const { a, says } = await start({ broker, buffer, tls });
    assert.ok(await a.record({ n }));
    await says(said);
    assert.equal(a.stats().pending, n);
    await a.close();
  }
  await drains(server, { broker, buffer, tls: { ca: ca(), ...own('k-17') } }, 3);
  await server.stop();
});

test('a wrong password is said with what to do, and not tried again at once; the right one sends all', async () => {
  const server = await serverAt(secret, { username: 'server', password: 'own' });
  const link = await counted(secret.port);
  const options = { broker: mqtts(link), buffer: join(root, 'secret'), tls: { ca: ca() }, user: 'k-17' };
  const { a, says } = await start({ ...options, password: 'wrong' });
  assert.ok(await a.record({ n: 1 }));
  assert.match(await says(/refuses/), /not authorized.*user and password/);
  assert.equal(link.connections(), 1);
  assert.deepEqual([a.stats().pending, a.stats().acked, a.stats().connected], [1, 0, false]);
  await a.close();
  await drains(server, { ...options, password: 'right' }, 1);
  link.close();
  await server.stop();
});

test('a topic that the access list refuses is said; the reading stays until the topic is right', async () => {
  const server = await serverAt(secret, { username: 'server', password: 'own' });
  const options = {
    broker: mqtts(secret),
    buffer: join(root, 'acl'),
    tls: { ca: ca() },
    user: 'k-17',
    password: 'right',
  };
  const { a, says } = await start({ ...options, topic: 'other/{id}' });
  assert.ok(await a.record({ n: 1 }));
  assert.match(await says(/refuses/), /refuses .*not authorized/);
  assert.deepEqual([a.stats().pending, a.stats().acked], [1, 0]);
  await a.close();
  await drains(server, options, 1);
  await server.stop();
});

/** Passes a port on, and counts who came. */
async function counted(target: number) {
  let connections = 0;
  const server = createServer((near) => {
    connections++;
    const far = connect(target, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => void [near.destroy(), far.destroy()]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () => server.close(),
  };
}
