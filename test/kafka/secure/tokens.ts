/** A token endpoint (OIDC, client credentials) on loopback that gives signed tokens, and the keys that a broker checks them with. */
import { generateKeyPairSync, sign, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Tokens {
  readonly endpoint: string;
  /** File of the public keys (JWKS). */
  readonly keys: string;
  readonly issuer: string;
  readonly audience: string;
  close(): void;
}

const ID = 'linnet-test';
const LIFE_S = 600;

export async function startTokens(folder: string, clientId: string, secret: string): Promise<Tokens> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = join(folder, 'jwks.json');
  writeFileSync(
    keys,
    JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: ID, alg: 'RS256', use: 'sig' }] }),
  );
  const [issuer, audience] = ['linnet-tests', 'kafka'];
  const expected = Buffer.from(`Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`);
  const server = createServer((request, response) => {
    request.resume();
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"invalid_client"}');
      return;
    }
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: clientId, iss: issuer, aud: audience, iat: now, exp: now + LIFE_S };
    const text = `${part({ alg: 'RS256', typ: 'JWT', kid: ID })}.${part(claims)}`;
    const token = `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: LIFE_S }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/token`,
    keys,
    issuer,
    audience,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
