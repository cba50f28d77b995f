/** Logins and TLS against a real broker; what is wrong is said at once, and not tried for ever. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { confluentKafka, visible, type KafkaConnection } from '@linnet/connectors/kafka';
import { linnet } from '../run-linnet.ts';
import { readTopic, skip } from './here.ts';
import { KEY_PASSWORD } from './secure/certificates.ts';
import { PASSWORD, USER, startSecureKafka, type Listener, type SecureKafka } from './secure/secure-kafka.ts';

type Config = Omit<KafkaConnection, 'brokers'>;

/** Far below the time after which an attempt without an answer is given up, which is 10 s. */
const AT_ONCE_MS = 8000;

await test('logins and TLS', { skip }, async (t) => {
  let secure: SecureKafka;
  let configs: Record<string, readonly [Listener, Config]>;
  const user = (mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512') => ({ mechanism, username: USER });
  before(async () => {
    secure = await startSecureKafka();
    const file = (name: string) => join(secure.folder, name);
    writeFileSync(file('password'), `${PASSWORD}\n`, { mode: 0o600 });
    writeFileSync(file('key-password'), KEY_PASSWORD, { mode: 0o600 });
    const ca = file('ca.pem');
    const client = { cert: file('client.pem'), key: file('client.key') };
    const token = { tokenEndpoint: secure.tokens.endpoint, clientId: USER };
    configs = {
      PLAIN: ['PLAIN', { sasl: user('PLAIN') }],
      'SCRAM-SHA-256 over TLS': ['SCRAM', { tls: { ca }, sasl: user('SCRAM-SHA-256') }],
      'SCRAM-SHA-512, the password from a file': [
        'SCRAM',
        { tls: { ca }, sasl: { ...user('SCRAM-SHA-512'), passwordFile: file('password') } },
      ],
      'OAUTHBEARER with signed tokens': ['TOKEN', { sasl: { mechanism: 'OAUTHBEARER', ...token } }],
      'TLS alone': ['TLS', { tls: { ca } }],
      'mutual TLS, the key locked': [
        'MUTUAL',
        { tls: { ca, ...client, keyPasswordFile: file('key-password') } },
      ],
    };
    process.env['LINNET_KAFKA_PASSWORD'] = PASSWORD;
  });
  after(() => secure.stop());

  await t.test(
    'each of them lets in: a topic is made, its settings are told, it is written and read back',
    async () => {
      for (const [name, [listener, config]] of Object.entries(configs)) {
        const port = confluentKafka({ brokers: secure.at(listener), ...config });
        const topic = `reached-${name.replaceAll(/\W/g, '-')}`;
        const admin = await port.admin();
        await admin.create({ topic, partitions: 1, settings: { 'retention.ms': '12345' } });
        await visible(admin, [topic]);
        const settings = await admin.settings([topic], ['retention.ms', 'cleanup.policy']);
        assert.deepEqual(settings.get(topic), { 'retention.ms': '12345', 'cleanup.policy': 'delete' }, name);
        await admin.close();
        const producer = await port.producer();
        producer.send({ topic, partition: 0, key: null, value: Buffer.from(name) });
        await producer.flush();
        await producer.close();
        const messages = await readTopic(port, topic);
        assert.deepEqual(
          messages.map(({ value }) => Buffer.from(value ?? []).toString()),
          [name],
        );
      }
    },
  );

  await t.test('a flow runs over SCRAM and TLS, its secret from the environment', async () => {
    const input = join(secure.folder, 'in.jsonl');
    writeFileSync(input, '{"sensor":"a","region":"r","at":1700000000000,"value":1}\n');
    const place = [...placeOf('SCRAM-SHA-256 over TLS'), '--topic', 'secret-readings'];
    const loaded = await linnet(['load', input, ...place, '--key', 'sensor', '--end']);
    assert.equal(loaded.code, 0, loaded.stderr);
    const flow = join(import.meta.dirname, 'flow.ts');
    const state = join(secure.folder, 'state');
    const run = await linnet(['run', flow, ...place, '--app', 'secret', '--state', state, '--until-end']);
    assert.equal(run.code, 0, run.stderr);
    const [window] = await readTopic(secure.kafka.port, 'secret.windows');
    assert.match(Buffer.from(window?.value ?? []).toString(), /"records":1/);
  });

  const login = /the login was refused: look at sasl\.mechanism, sasl\.username and the password/;
  const wrong: readonly (readonly [string, Listener, (config: typeof configs) => Config, RegExp])[] = [
    ['a wrong password for PLAIN', 'PLAIN', (all) => configOf(all, 'PLAIN'), login],
    ['a wrong password for SCRAM', 'SCRAM', (all) => configOf(all, 'SCRAM-SHA-256 over TLS'), login],
    [
      'a wrong secret for tokens',
      'TOKEN',
      (all) => configOf(all, 'OAUTHBEARER with signed tokens'),
      /the token endpoint refused.*invalid_client/,
    ],
    [
      'a mechanism that the broker has not',
      'SCRAM',
      (all) => ({ ...configOf(all, 'SCRAM-SHA-256 over TLS'), sasl: user('PLAIN') }),
      /does not take this login here.*supported mechanisms: SCRAM/,
    ],
    ['an unknown authority', 'TLS', () => ({ tls: true }), /unknown authority.*look at tls\.ca/],
    ['no client certificate', 'MUTUAL', (all) => configOf(all, 'TLS alone'), /tls\.cert and tls\.key/],
    ['TLS where there is none', 'PLAIN', (all) => configOf(all, 'TLS alone'), /does the broker speak TLS/],
    ['no TLS where there is', 'TLS', () => ({}), /the broker hung up: it may want TLS or a login/],
    ['no login', 'PLAIN', () => ({}), /the broker hung up: it may want TLS or a login/],
  ];
  await t.test('what is wrong ends the command at once, with one line that says what', async () => {
    for (const [what, listener, config, expected] of wrong) {
      const started = performance.now();
      const { code, stderr } = await top(secure.at(listener), config(configs), 'wr0ng');
      assert.equal(code, 1, what);
      assert.match(stderr, /^linnet: Kafka at 127\.0\.0\.1:\d+: .*\n$/, what);
      assert.match(stderr, expected, what);
      assert.doesNotMatch(stderr, /no broker answers|wr0ng|right-of-way/, what);
      const ms = performance.now() - started;
      assert.ok(ms < AT_ONCE_MS, `${what}: ${ms} ms`);
    }
  });

  await t.test('a key whose password is wrong, and a file that is no certificate, are named', async () => {
    const [, { tls }] = configs['mutual TLS, the key locked'] as readonly [Listener, Config];
    const locked = { ...(tls as object), keyPasswordFile: join(secure.folder, 'password') };
    assert.match(
      (await top(secure.at('MUTUAL'), { tls: locked }, '')).stderr,
      /tls\.key .*password is wrong/,
    );
    const ca = join(secure.folder, 'password');
    assert.match((await top(secure.at('TLS'), { tls: { ca } }, '')).stderr, /tls\.ca is no PEM file/);
  });

  await t.test('where no broker is, the command ends and says so', async () => {
    const { code, stderr } = await linnet(['top', '--kafka', '127.0.0.1:1', '--app', 'x', '--once']);
    assert.equal(code, 1);
    assert.match(stderr, /^linnet: Kafka at 127\.0\.0\.1:1: no broker answers: nobody listens there.*\n$/);
  });

  function configOf(all: typeof configs, name: string): Config {
    return (all[name] as readonly [Listener, Config])[1];
  }

  function placeOf(name: string): string[] {
    const [listener, config] = configs[name] as readonly [Listener, Config];
    return ['--kafka', secure.at(listener), '--kafka-config', write(config)];
  }

  function write(config: Config): string {
    const path = join(secure.folder, 'connection.json');
    writeFileSync(path, JSON.stringify(config));
    assert.ok(!readFileSync(path, 'utf8').includes(PASSWORD));
    return path;
  }

  function top(brokers: string, config: Config, password: string) {
    const args = ['top', '--kafka', brokers, '--kafka-config', write(config), '--app', 'none', '--once'];
    return linnet(args, { env: { LINNET_KAFKA_PASSWORD: password } });
  }
});
