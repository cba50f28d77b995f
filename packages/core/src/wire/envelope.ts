/** What every binary message begins with: 'L', its kind, version, flags, CRC-32 of those and of all that follows. */
import { crc32 } from '../base/crc32.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

const MARK = 0x4c;
const FLAGS_AT = 3;
const CRC_AT = 4;
const CRC_END = 8;

export function startSealed(kind: string, version: number, flags: number, capacity: number): ByteWriter {
  return new ByteWriter(capacity).u8(MARK).u8(kind.charCodeAt(0)).u8(version).u8(flags).u32(0);
}

/** Closes what startSealed began. */
export function seal(writer: ByteWriter): Uint8Array<ArrayBuffer> {
  const bytes = writer.finish();
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(CRC_AT, checksum(bytes), true);
  return bytes;
}

export function isSealed(bytes: Uint8Array, kind: string): boolean {
  return bytes.length > CRC_END && bytes[0] === MARK && bytes[1] === kind.charCodeAt(0);
}

/** Flags of what is sealed, unchecked. */
export function flagsOf(bytes: Uint8Array): number {
  return bytes[FLAGS_AT] ?? 0;
}

/**
 * @param newest the newest version that this release reads
 * @param flagsMax all flags that this release knows
 * @throws LinnetError `data.invalid` when the bytes are of another kind, damaged or too new
 */
export function openSealed(
  bytes: Uint8Array,
  kind: string,
  what: string,
  newest: number,
  flagsMax: number,
): { version: number; flags: number; reader: ByteReader } {
  const reader = new ByteReader(bytes, what);
  if (!isSealed(bytes, kind)) reader.fail('has no header');
  reader.at = 2;
  const version = reader.u8();
  if (version < 1 || version > newest) {
    reader.fail(`has version ${version}, this release knows 1 to ${newest}`);
  }
  const flags = reader.u8();
  if (flags > flagsMax) reader.fail(`has unknown flags ${flags}`);
  if (reader.u32() !== checksum(bytes)) reader.fail('fails its checksum');
  return { version, flags, reader };
}

function checksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(CRC_END), crc32(bytes.subarray(0, CRC_AT)));
}
