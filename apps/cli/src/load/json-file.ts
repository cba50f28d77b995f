import { open } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import { jsonLines, readFileBytes } from '@linnet/connectors/file';
import { LinnetError, records, type Source } from '@linnet/core';

const PEEK_BYTES = 4096;
/** What one text of the engine can hold, in bytes. */
const WHOLE_BYTES_MAX = 512 * 1024 * 1024;

/**
 * A file of JSON: an array of objects, which is read as a whole, or an object a line.
 * @throws LinnetError `data.invalid` with the entry that is no object
 */
export async function jsonFile(path: string): Promise<Source<object>> {
  if (!(await beginsAsArray(path))) return jsonLines<object>(path);
  const read = readFileBytes(path);
  const bytes = isGzip(read) ? gunzipSync(read) : read;
  if (bytes.length > WHOLE_BYTES_MAX)
    throw new LinnetError(
      'data.invalid',
      `${path}: an array of more than 512 MB; write a record a line instead (jq -c '.[]')`,
    );
  let entries: unknown;
  try {
    entries = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new LinnetError('data.invalid', `${path}: ${(cause as Error).message}`, { cause });
  }
  const list = entries as readonly unknown[];
  const bad = list.findIndex((entry) => typeof entry !== 'object' || entry === null || Array.isArray(entry));
  if (bad >= 0) throw new LinnetError('data.invalid', `${path}: entry ${bad + 1} of the array is no object`);
  return records(list as readonly object[], { name: path });
}

/** A file that cannot be read is told of by who reads it. */
async function beginsAsArray(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PEEK_BYTES), 0, PEEK_BYTES, 0);
    const bytes = buffer.subarray(0, bytesRead);
    const text = isGzip(bytes) ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes;
    return /^\uFEFF?\s*\[/.test(text.toString());
  } finally {
    await file.close();
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
