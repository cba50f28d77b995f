import { constants, isAscii } from 'node:buffer';
import { LinnetError } from '@linnet/core';
import type { TableSource } from './table.ts';

/**
 * The text of a file in UTF-8, or in UTF-16 with a byte order mark; without the mark.
 * @throws LinnetError `data.invalid` when it is longer than a string can be
 */
export function decodeText({ name, bytes }: TableSource): string {
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    const most = Math.floor(constants.MAX_STRING_LENGTH / 1e6);
    throw new LinnetError(
      'data.invalid',
      `${name} is longer than the ${most} MB that a batch can read: split it, or use a stream`,
    );
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // Latin 1 is several times as fast to decode and the same for ASCII.
  if (isAscii(buffer)) return buffer.toString('latin1');
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return buffer.toString('utf16le', 2);
  const isMarked = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
  return buffer.toString('utf8', isMarked ? 3 : 0);
}
