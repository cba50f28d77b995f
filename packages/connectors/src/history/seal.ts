/**
 * A checksum behind a blob of doubles that has none of its own in its row: 4 bytes, which the length tells. A blob without
 * it is from before there were any.
 */
import { checksum } from './chunk.ts';

/** @param row where the blob belongs: covered too */
export function seal(row: readonly number[], doubles: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(doubles.length + 4);
  sealed.set(doubles);
  new DataView(sealed.buffer).setUint32(doubles.length, checksum(row, doubles), true);
  return sealed;
}

/** The doubles; undefined when they are not what was written. */
export function unseal(row: readonly number[], stored: Uint8Array): Uint8Array | undefined {
  if (stored.length % 8 === 0) return stored;
  const doubles = stored.subarray(0, -4);
  if (doubles.length % 8 !== 0) return undefined;
  const { buffer, byteOffset } = stored;
  const crc = new DataView(buffer, byteOffset).getUint32(doubles.length, true);
  return checksum(row, doubles) === crc ? doubles : undefined;
}
