const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * FNV-1a over a key's UTF-16 code units, with a final mix (murmur3's) so that the low bits are good. The same on every
 * machine: it decides which worker owns a key.
 *
 * @returns an unsigned 32-bit integer
 */
export function hashKey(key: string | number): number {
  const text = typeof key === 'number' ? `#${key}` : key;
  let hash = OFFSET;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return mix(hash);
}

/** What the hash of a key begins with, by whether the key is a number; for `hashBytes`. */
export function hashSeed(numeric: boolean): number {
  return numeric ? Math.imul(OFFSET ^ 0x23, PRIME) >>> 0 : OFFSET;
}

/**
 * The hash of a key from the bytes by which it was written: that of the key itself where those are ASCII, and a number in the form that
 * JavaScript gives it.
 *
 * @returns an unsigned 32-bit integer
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), PRIME);
  return mix(hash);
}

function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
