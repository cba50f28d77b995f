/**
 * Checksums of the store's rows. SQLite has none of its own: a byte that turned over on the disk would be taken for data.
 */
import { crc32 } from 'node:zlib';
import type { Key } from '@linnet/core';

/** Of a state: also of whose it is, so that a row that strayed is noticed. */
export function stateCrc(step: number, key: Key, bytes: Uint8Array): number {
  return crc32(bytes, textHash(typeof key === 'number' ? `${step} ${key}` : `${step}:${key}`));
}

/** FNV-1a; a second call of crc32 would cost more than the state itself. */
function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Of a record of a table: covers all records before it, so that a gap is noticed. */
export function outputCrc(before: number, record: string): number {
  return crc32(record, before);
}

export function blobCrc(name: string, bytes: Uint8Array): number {
  return crc32(bytes, crc32(name));
}

/** A row that is not what was written. */
export class DamagedRow extends Error {
  constructor(what: string) {
    super(`${what} is not what was written`);
    this.name = 'DamagedRow';
  }
}
