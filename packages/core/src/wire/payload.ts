/** The payload of a reading: UTF-8 JSON of one object. Made on a device, read on a server that trusts none of it. */
import { LinnetError } from '../base/error.ts';

export const PAYLOAD_BYTES_MAX = 32_768;
const DEPTH_MAX = 16;

export type JsonObject = { readonly [key: string]: unknown };

/** @throws LinnetError `data.invalid` when the value is no object, is not JSON, has a `__proto__` key or is too large */
export function encodePayload(reading: object): Uint8Array<ArrayBuffer> {
  if (typeof reading !== 'object' || reading === null || Array.isArray(reading)) {
    throw new LinnetError('data.invalid', 'a reading is an object, such as {"temperature": 21.5}');
  }
  let text: string;
  try {
    text = JSON.stringify(reading);
  } catch (cause) {
    throw new LinnetError('data.invalid', `a reading is not JSON: ${(cause as Error).message}`, { cause });
  }
  // A server sets such a reading aside: what cannot be stored is told where it is made.
  if (text.includes('"__proto__"')) checkKeys(reading, 0);
  return checkSize(new TextEncoder().encode(text));
}

/** @throws LinnetError `data.invalid`: not UTF-8, not one JSON object, a `__proto__` key, too deep, too large */
export function decodePayload(bytes: Uint8Array): JsonObject {
  checkSize(bytes);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new LinnetError('data.invalid', `a payload is not JSON in UTF-8: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LinnetError('data.invalid', 'a payload is JSON, but not an object');
  }
  checkKeys(value, 0);
  return value as JsonObject;
}

function checkSize<B extends Uint8Array>(bytes: B): B {
  if (bytes.length <= PAYLOAD_BYTES_MAX) return bytes;
  throw new LinnetError(
    'data.invalid',
    `a reading has ${bytes.length} bytes, at most ${PAYLOAD_BYTES_MAX}: send it in parts`,
  );
}

function checkKeys(value: object, depth: number): void {
  if (depth > DEPTH_MAX)
    throw new LinnetError('data.invalid', `a payload is nested deeper than ${DEPTH_MAX}`);
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') throw new LinnetError('data.invalid', 'a payload has a key __proto__');
    if (typeof inner === 'object' && inner !== null) checkKeys(inner, depth + 1);
  }
}
