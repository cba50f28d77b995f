/** A broker that lets in by password, by token and by certificate, each at a port of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../scripts/kafka-tool/broker.ts';
import { startKafka, type TestKafka } from '../here.ts';
import { makeCertificates } from './certificates.ts';
import { startTokens, type Tokens } from './tokens.ts';

export const USER = 'sensor-flow';
export const PASSWORD = 'right-of-way';

const LISTENERS = {
  PLAIN: 'SASL_PLAINTEXT',
  SCRAM: 'SASL_SSL',
  TOKEN: 'SASL_PLAINTEXT',
  TLS: 'SSL',
  MUTUAL: 'SSL',
} as const;
export type Listener = keyof typeof LISTENERS;

export interface SecureKafka {
  readonly kafka: TestKafka;
  readonly tokens: Tokens;
  /** Holds the certificates. */
  readonly folder: string;
  at(listener: Listener): string;
  stop(): Promise<void>;
}

export async function startSecureKafka(): Promise<SecureKafka> {
  const ports = new Map<Listener, number>();
  for (const name of Object.keys(LISTENERS) as Listener[]) ports.set(name, await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'linnet-secure-'));
  makeCertificates(folder);
  const tokens = await startTokens(folder, USER, PASSWORD);
  // A broker takes keys of tokens from no place that is not allowed to it by name.
  const allowed = `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${keysOf(folder)}`;
  process.env['JAVA_TOOL_OPTIONS'] = allowed;
  const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${USER},password=${PASSWORD}]`,
  ]);
  const kafka = await startKafka(() => settingsFor(ports, folder), users);
  delete process.env['JAVA_TOOL_OPTIONS'];
  return {
    kafka,
    tokens,
    folder,
    at: (listener) => `127.0.0.1:${ports.get(listener)}`,
    stop: async () => {
      tokens.close();
      await kafka.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

function keysOf(folder: string): string {
  return `file://${join(folder, 'jwks.json')}`;
}

function settingsFor(
  ports: ReadonlyMap<Listener, number>,
  folder: string,
): (own: Readonly<Record<string, string>>) => Record<string, string> {
  const login = 'org.apache.kafka.common.security';
  const token = 'listener.name.token.oauthbearer';
  const own = [...ports].map(([name, port]) => `${name}://127.0.0.1:${port}`).join(',');
  const protocols = Object.entries(LISTENERS).map(([name, protocol]) => `${name}:${protocol}`);
  return (ours) => ({
    listeners: `${ours['listeners']},${own}`,
    'advertised.listeners': `${ours['advertised.listeners']},${own}`,
    'listener.security.protocol.map': `${ours['listener.security.protocol.map']},${protocols.join(',')}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'listener.name.plain.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.scram.sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.token.sasl.enabled.mechanisms': 'OAUTHBEARER',
    'listener.name.plain.plain.sasl.jaas.config': `${login}.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`,
    'listener.name.scram.scram-sha-256.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
    'listener.name.scram.scram-sha-512.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
    [`${token}.sasl.jaas.config`]: `${login}.oauthbearer.OAuthBearerLoginModule required;`,
    [`${token}.sasl.server.callback.handler.class`]: `${login}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
    [`${token}.sasl.oauthbearer.jwks.endpoint.url`]: keysOf(folder),
    [`${token}.sasl.oauthbearer.expected.issuer`]: 'linnet-tests',
    [`${token}.sasl.oauthbearer.expected.audience`]: 'kafka',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': join(folder, 'broker.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': join(folder, 'ca.pem'),
    'listener.name.mutual.ssl.client.auth': 'required',
  });
}
