import { constants, isAscii, isUtf8 } from 'node:buffer';
import { LinnetError } from '@linnet/core';
import type { TableSource } from './table.ts';

/**
 * The text of a file in UTF-8, or in UTF-16 with a byte order mark; without the mark.
 * @throws LinnetError `data.invalid` when it is in another encoding, or longer than a string can be
 */
export function decodeText({ name, bytes }: TableSource): string {
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    const most = Math.floor(constants.MAX_STRING_LENGTH / 1e6);
    throw new LinnetError(
      'data.invalid',
      `${name} is longer than the ${most} MB that a batch can read: split it, or use a stream`,
    );
  }
  if (!isUtf16(bytes) && !isUtf8(bytes)) {
    throw new LinnetError(
      'data.invalid',
      `${name} is not in UTF-8: \`iconv -f WINDOWS-1252 -t UTF-8\` turns what older programs write into it`,
    );
  }
  return textOf(bytes);
}

/** The same of any bytes, the beginning of a file say: what cannot be decoded becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // Latin 1 is several times as fast to decode and the same for ASCII.
  if (isAscii(buffer)) return buffer.toString('latin1');
  if (isUtf16(buffer)) return buffer.toString('utf16le', 2);
  const isMarked = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
  return buffer.toString('utf8', isMarked ? 3 : 0);
}

function isUtf16(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xfe;
}
