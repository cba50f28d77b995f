import { LinnetError } from '@linnet/core/base';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws LinnetError `data.invalid` for bytes that are not UTF-8 */
export function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new LinnetError('data.invalid', 'a payload is not UTF-8', { cause });
  }
}
