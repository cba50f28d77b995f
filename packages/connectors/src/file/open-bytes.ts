import { closeSync, createReadStream, openSync, read, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { LinnetError } from '@linnet/core';

const CHUNK_BYTES = 512 * 1024;

/** Text that is made on the spot instead of read from a file. */
export interface MadeText {
  /** What it is, for messages. */
  readonly name: string;
  /** The same text at every call. */
  chunks(): Iterable<string>;
}

/** A file, or standard input, as chunks of bytes; gzip is told by its first bytes and unpacked on the way. */
export class ByteInput {
  /** Bytes of the file as it lies on disk that were taken so far. */
  taken: number;
  private readonly path: string;
  private readonly raw: Readable | undefined;
  private readonly file: FileChunks | undefined;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private toSkip: number;

  /** @param from go on behind so many bytes of the unpacked content */
  constructor(input: string | MadeText, from: number) {
    this.path = typeof input === 'string' ? input : input.name;
    this.taken = 0;
    this.toSkip = from;
    if (typeof input !== 'string') {
      this.chunks = made(input);
    } else if (input !== '-' && statSync(input).isFile() && !isGzip(readStart(input))) {
      this.taken = from;
      this.toSkip = 0;
      this.file = new FileChunks(input, from);
      this.chunks = this.fileChunks(this.file);
    } else {
      // A pipe has no beginning to look at, nor to go back to.
      this.raw = input === '-' ? process.stdin : createReadStream(input, { highWaterMark: CHUNK_BYTES });
      this.chunks = this.unpackedChunks(this.raw);
    }
  }

  /**
   * The next chunk, which may be overwritten by the one after it; null at the end.
   * @throws LinnetError `io.failed`, `data.invalid` for gzip that is damaged or cut short
   */
  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const { value, done } = await this.attempt();
      if (done === true) return null;
      const skipped = Math.min(this.toSkip, value.length);
      this.toSkip -= skipped;
      if (skipped < value.length) return value.subarray(skipped);
    }
  }

  close(): void {
    this.raw?.destroy();
    this.file?.close();
  }

  private async attempt(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.chunks.next();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const shown = this.path === '-' ? 'standard input' : this.path;
      if (code?.startsWith('Z_') === true) {
        const what = code === 'Z_BUF_ERROR' ? 'is cut short' : `is damaged (${message})`;
        throw new LinnetError('data.invalid', `${shown}: its gzip content ${what}; get the file again`, {
          cause,
        });
      }
      throw new LinnetError('io.failed', `cannot read ${shown}: ${message}`, { cause });
    }
  }

  private async *fileChunks(file: FileChunks): AsyncGenerator<Uint8Array, void, undefined> {
    for (let chunk = await file.next(); chunk.length > 0; chunk = await file.next()) {
      this.taken += chunk.length;
      yield chunk;
    }
  }

  private async *rawChunks(stream: Readable): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of stream) {
      this.taken += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
    }
  }

  /** Looks at the first bytes, which for standard input come only now. */
  private async *unpackedChunks(stream: Readable): AsyncGenerator<Uint8Array, void, undefined> {
    const raw = this.rawChunks(stream);
    const first: Uint8Array[] = [];
    let length = 0;
    while (length < 2) {
      const { value, done } = await raw.next();
      if (done === true) break;
      first.push(value);
      length += value.length;
    }
    const start = Buffer.concat(first);
    if (!isGzip(start)) {
      if (start.length > 0) yield start;
      yield* raw;
      return;
    }
    yield* unpack(start, raw);
  }
}

/** The content of a file in two buffers in turn: while one is looked at the other is filled. */
class FileChunks {
  private readonly file: number;
  private readonly buffers = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)];
  private position: number;
  private turn = 0;
  private reading: Promise<Uint8Array> | undefined;
  private closed = false;

  constructor(path: string, from: number) {
    this.file = openSync(path, 'r');
    this.position = from;
  }

  /** Empty at the end of the file. */
  async next(): Promise<Uint8Array> {
    const chunk = await (this.reading ?? this.fill());
    this.reading = this.closed || chunk.length === 0 ? undefined : this.fill();
    return chunk;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    const shut = () => closeSync(this.file);
    if (this.reading === undefined) shut();
    else void this.reading.then(shut, shut);
  }

  private fill(): Promise<Uint8Array> {
    this.turn = 1 - this.turn;
    const buffer = this.buffers[this.turn] as Buffer;
    const filled = new Promise<Uint8Array>((resolve, reject) => {
      read(this.file, buffer, 0, CHUNK_BYTES, this.position, (error, count) => {
        if (error !== null) return reject(error);
        this.position += count;
        resolve(buffer.subarray(0, count));
      });
    });
    // Whoever asks for the next chunk hears of it.
    filled.catch(() => undefined);
    return filled;
  }
}

async function* made({ chunks }: MadeText): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of chunks()) yield Buffer.from(chunk);
}

async function* unpack(
  start: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const feeding = feed(gunzip, start, rest);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } finally {
    gunzip.destroy();
    await feeding;
  }
}

/** Never rejects: what goes wrong is thrown where the unpacked content is read. */
async function feed(gunzip: Gunzip, start: Uint8Array, rest: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    let more = gunzip.write(start);
    for await (const chunk of rest) {
      if (!more) await drained(gunzip);
      if (gunzip.destroyed) return;
      more = gunzip.write(chunk);
    }
    gunzip.end();
  } catch (error) {
    gunzip.destroy(error as Error);
  }
}

function drained(gunzip: Gunzip): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      gunzip.off('drain', done).off('close', done);
      resolve();
    };
    gunzip.on('drain', done).on('close', done);
  });
}

function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

function readStart(path: string): Uint8Array {
  const start = new Uint8Array(2);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, start);
    } finally {
      closeSync(file);
    }
    return start;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'EACCES' ? 'permission denied' : message;
    throw new LinnetError('io.failed', `cannot read ${path}: ${why}`, { cause });
  }
}
