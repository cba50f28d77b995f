import { readFileSync, statSync } from 'node:fs';
import { LinnetError } from '@linnet/core';

/**
 * The bytes of a file.
 * @throws LinnetError `io.not-found`, or `io.failed` for a folder or a file that cannot be read
 */
export function readFileBytes(path: string): Uint8Array {
  try {
    if (statSync(path).isDirectory())
      throw new LinnetError('io.failed', `${path} is a folder: name a file in it`);
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof LinnetError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new LinnetError(
        'io.not-found',
        `${path} does not exist: check the name (this is in ${process.cwd()})`,
        { cause },
      );
    }
    throw new LinnetError(
      'io.failed',
      `cannot read ${path}: ${code === 'EACCES' ? 'permission denied' : message}`,
      { cause },
    );
  }
}

/** Everything that comes in on a stream, standard input above all. */
export async function readStreamBytes(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
