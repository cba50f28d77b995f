/**
 * Checksums of the store's rows. SQLite has none of its own: a byte that turned over on the disk would be taken for data.
 */
import { crc32 } from 'node:zlib';
import type { Key } from '@linnet/core';

/** Of a state: also of whose it is, so that a row that strayed is noticed. */
export function stateCrc(step: number, key: Key, bytes: Uint8Array): number {
  return crc32(bytes, crc32(`${step} ${typeof key} ${key}`));
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
