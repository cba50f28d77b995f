import type { Key } from './batch.ts';

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * FNV-1a over a key's UTF-16 code units, with a final mix (murmur3's) so that the low bits are good. The same on every
 * machine: it decides which worker owns a key.
 *
 * @returns an unsigned 32-bit integer
 */
export function hashKey(key: Key): number {
  const text = typeof key === 'number' ? `#${key}` : key;
  let hash = OFFSET;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
