import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { LinnetError } from '@linnet/core';
import { saslPassword, type Sasl } from '../connection.ts';
import { Reader, Writer } from './parts.ts';

interface Asking {
  ask(api: number, version: number, body: Buffer): Promise<Buffer>;
}

const HANDSHAKE = 17;
const AUTHENTICATE = 36;
/** RFC 7677 asks for no fewer; a broker that asks for more than the other bound means to keep us busy. */
const [ITERATIONS_MIN, ITERATIONS_MAX] = [4096, 1_000_000];

/** @throws LinnetError `io.refused` with the broker's words */
export async function logIn(wire: Asking, sasl: Sasl): Promise<void> {
  const answer = new Reader(await wire.ask(HANDSHAKE, 1, new Writer().string(sasl.mechanism).bytes()));
  if (answer.int16() !== 0) {
    const known = answer.list(() => answer.string()).join(', ');
    throw refused(`the broker takes ${known}, not ${sasl.mechanism}`);
  }
  const say = async (text: string): Promise<string> => {
    const bytes = new Writer().buffer(Buffer.from(text)).bytes();
    const reply = new Reader(await wire.ask(AUTHENTICATE, 0, bytes));
    const [code, message] = [reply.int16(), reply.string()];
    if (code !== 0) throw refused(message ?? `code ${code}`);
    return reply.buffer().toString();
  };
  const password = saslPassword(sasl);
  if (sasl.mechanism === 'PLAIN') await say(`\0${sasl.username}\0${password}`);
  else if (sasl.mechanism === 'OAUTHBEARER')
    await say(`n,,\u0001auth=Bearer ${await fetchToken(sasl, password)}\u0001\u0001`);
  else await scram(say, sasl, password);
}

/** RFC 5802, without channel binding. */
async function scram(say: (text: string) => Promise<string>, sasl: Sasl, password: string): Promise<void> {
  const hash = sasl.mechanism === 'SCRAM-SHA-512' ? 'sha512' : 'sha256';
  const nonce = randomBytes(18).toString('base64url');
  const name = (sasl.username ?? '').replaceAll('=', '=3D').replaceAll(',', '=2C');
  const first = `n=${name},r=${nonce}`;
  const challenge = await say(`n,,${first}`);
  const [, both = '', salt = '', rounds = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(challenge) ?? [];
  const iterations = Number(rounds);
  if (!both.startsWith(nonce) || !(iterations >= ITERATIONS_MIN && iterations <= ITERATIONS_MAX))
    throw refused('the broker’s challenge is none');
  const bytes = createHash(hash).digest().length;
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, bytes, hash);
  const mac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const clientKey = mac(salted, 'Client Key');
  const last = `c=biws,r=${both}`;
  const signed = `${first},${challenge},${last}`;
  const signature = mac(createHash(hash).update(clientKey).digest(), signed);
  const proof = clientKey.map((byte, i) => byte ^ (signature[i] as number));
  const verdict = await say(`${last},p=${Buffer.from(proof).toString('base64')}`);
  const own = Buffer.from(`v=${mac(mac(salted, 'Server Key'), signed).toString('base64')}`);
  const given = Buffer.from(verdict.split(',')[0] as string);
  if (given.length !== own.length || !timingSafeEqual(given, own))
    throw refused('the broker does not know the password either: it is not the one that it seems');
}

async function fetchToken(sasl: Sasl, secret: string): Promise<string> {
  const credentials = `${encodeURIComponent(sasl.clientId ?? '')}:${encodeURIComponent(secret)}`;
  const response = await fetch(sasl.tokenEndpoint as string, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      ...(sasl.scope !== undefined && { scope: sasl.scope }),
    }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw refused(`the token endpoint answers ${response.status}`);
  const { access_token: token } = (await response.json()) as { readonly access_token?: unknown };
  if (typeof token !== 'string' || !/^[\w.~+/=-]+$/.test(token))
    throw refused('the token endpoint gives no token');
  return token;
}

function refused(why: string): LinnetError {
  return new LinnetError('io.refused', `the login was refused: ${why}`);
}
