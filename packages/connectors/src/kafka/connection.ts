/** How brokers are reached, and how secrets come: from the environment or from files, never from the command line. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { LinnetError } from '@linnet/core';

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER';

export interface KafkaConnection {
  /** `host:port`, several with commas. */
  readonly brokers: string;
  readonly tls?: boolean | TlsFiles;
  readonly sasl?: Sasl;
}

/** Paths of PEM files; the key's password comes from `keyPasswordEnv` or `keyPasswordFile`. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly keyPasswordEnv?: string;
  readonly keyPasswordFile?: string;
}

export interface Sasl {
  readonly mechanism: SaslMechanism;
  readonly username?: string;
  /** Name of the environment variable that holds the password. Default LINNET_KAFKA_PASSWORD. */
  readonly passwordEnv?: string;
  /** File that holds the password; its last line break does not count. */
  readonly passwordFile?: string;
  /** OAUTHBEARER: where tokens come from, by the client's own credentials (OIDC). The secret is the password. */
  readonly tokenEndpoint?: string;
  readonly clientId?: string;
  readonly scope?: string;
}

const MECHANISMS: readonly string[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'];
const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': ['brokers', 'tls', 'sasl'],
  tls: ['ca', 'cert', 'key', 'keyPasswordEnv', 'keyPasswordFile'],
  sasl: ['mechanism', 'username', 'passwordEnv', 'passwordFile', 'tokenEndpoint', 'clientId', 'scope'],
};

/**
 * Reads a connection file: JSON with `tls` and `sasl` as in `KafkaConnection`.
 * @throws LinnetError `io.not-found`, `config.invalid`, `config.unknown` with the place in the file
 */
export function readConnection(brokers: string, path?: string): KafkaConnection {
  if (path === undefined) return { brokers };
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'io.not-found' : 'config.invalid';
    throw new LinnetError(code, `${path}: ${(cause as Error).message}`, { cause });
  }
  checkObject(path, '', value);
  const { tls, sasl } = value as Record<string, unknown>;
  if (tls !== undefined && typeof tls !== 'boolean') checkObject(path, 'tls', tls);
  if (sasl !== undefined) checkObject(path, 'sasl', sasl);
  return { brokers, ...(value as object) };
}

/**
 * The connection as librdkafka's settings.
 * @throws LinnetError `config.invalid` for what is missing, and where it should come from
 */
export function librdkafkaSettings({ brokers, tls = false, sasl }: KafkaConnection): Record<string, unknown> {
  if (!/^[^\s,:]+(:\d+)?(,[^\s,:]+(:\d+)?)*$|^\[[0-9a-f:]+\]:\d+$/i.test(brokers))
    throw new LinnetError(
      'config.invalid',
      `Kafka brokers "${brokers}": give host:port, several with commas`,
    );
  const security = `${sasl === undefined ? '' : 'sasl_'}${tls === false ? 'plaintext' : 'ssl'}`;
  return {
    'bootstrap.servers': brokers,
    'security.protocol': security,
    ...(typeof tls === 'object' && tlsSettings(tls)),
    ...(sasl && saslSettings(sasl)),
  };
}

function tlsSettings({ ca, cert, key, keyPasswordEnv, keyPasswordFile }: TlsFiles): Record<string, string> {
  const password = passwordOf(keyPasswordEnv, keyPasswordFile);
  for (const [name, path] of Object.entries({ ca, cert, key })) if (path !== undefined) readable(name, path);
  if ((cert === undefined) !== (key === undefined))
    throw new LinnetError('config.invalid', 'tls.cert and tls.key go together: give both or neither');
  return {
    ...(ca !== undefined && { 'ssl.ca.location': ca }),
    ...(cert !== undefined && { 'ssl.certificate.location': cert }),
    ...(key !== undefined && { 'ssl.key.location': key }),
    ...(password !== undefined && { 'ssl.key.password': password }),
  };
}

function saslSettings(sasl: Sasl): Record<string, string> {
  const { mechanism } = sasl;
  if (!MECHANISMS.includes(mechanism)) {
    throw new LinnetError(
      'config.invalid',
      `sasl.mechanism "${mechanism}" is unknown; one of ${MECHANISMS.join(', ')}`,
    );
  }
  const password = saslPassword(sasl);
  if (mechanism !== 'OAUTHBEARER') {
    if (sasl.username === undefined)
      throw new LinnetError('config.invalid', `sasl ${mechanism} needs sasl.username`);
    return { 'sasl.mechanism': mechanism, 'sasl.username': sasl.username, 'sasl.password': password };
  }
  const { tokenEndpoint, clientId, scope } = sasl;
  if (tokenEndpoint === undefined || clientId === undefined) {
    throw new LinnetError(
      'config.invalid',
      'sasl OAUTHBEARER needs sasl.tokenEndpoint and sasl.clientId; its secret is the client’s',
    );
  }
  return {
    'sasl.mechanism': mechanism,
    'sasl.oauthbearer.method': 'oidc',
    'sasl.oauthbearer.token.endpoint.url': tokenEndpoint,
    'sasl.oauthbearer.client.id': clientId,
    'sasl.oauthbearer.client.secret': password,
    ...(scope !== undefined && { 'sasl.oauthbearer.scope': scope }),
  };
}

/** @throws LinnetError `config.invalid` where there is none */
export function saslPassword({
  mechanism,
  passwordEnv = 'LINNET_KAFKA_PASSWORD',
  passwordFile,
}: Sasl): string {
  const password = passwordOf(passwordFile === undefined ? passwordEnv : undefined, passwordFile);
  if (password === undefined) {
    throw new LinnetError(
      'config.invalid',
      `sasl ${mechanism} needs a secret: put it into the environment variable ${passwordEnv}, or name a file with sasl.passwordFile`,
    );
  }
  return password;
}

/** The library's own message would name neither the file nor what is wrong with it. */
function readable(name: string, path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new LinnetError('io.not-found', `tls.${name} ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** A secret from a file, else from the environment. */
export function passwordOf(variable: string | undefined, file: string | undefined): string | undefined {
  if (file === undefined) return variable === undefined ? undefined : process.env[variable];
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new LinnetError('io.not-found', `secret file ${file}: ${(cause as Error).message}`, { cause });
  }
}

function checkObject(path: string, name: string, value: unknown): void {
  const where = `${path}${name && `, "${name}"`}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LinnetError('config.invalid', `${where} must be a JSON object`);
  const known = KEYS[name] ?? [];
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new LinnetError('config.unknown', `${where}: unknown "${unknown}"; known are ${known.join(', ')}`);
}
