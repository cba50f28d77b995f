/**
 * Secrets of devices: made here, shown once, kept as scrypt hashes.
 *
 * A secret has 192 random bits, so no guess finds one whatever a hash costs; scrypt's cost (4 MB, some 10 ms) is set so that a whole fleet that
 * reconnects after a restart is let in within seconds on two cores.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const COST = { N: 4096, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const SECRET_BYTES = 24;
/** What a password may have before it is worth a hash. */
const PASSWORD_BYTES_MAX = 256;

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** `scrypt$N$r$p$salt$hash`, so that the cost can change without a new format. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(Buffer.from(secret), salt, COST);
  const { N, r, p } = COST;
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** False also for a hash that is none. */
export async function matches(password: Uint8Array, hashed: string): Promise<boolean> {
  const [scheme, n, r, p, salt = '', hash = ''] = hashed.split('$');
  if (scheme !== 'scrypt' || password.length > PASSWORD_BYTES_MAX) return false;
  const expected = Buffer.from(hash, 'base64url');
  if (expected.length !== HASH_BYTES) return false;
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url'), cost), expected);
}

function derive(
  password: Uint8Array,
  salt: Uint8Array,
  cost: { readonly N: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, cost, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
