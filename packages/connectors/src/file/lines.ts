/**
 * A text input cut into blocks of whole lines, as bytes that can be transferred to a worker.
 */
import { createReadStream, statSync } from 'node:fs';
import { relative } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LinnetError, type SourceBlock, type SourceReader } from '@linnet/core';

const CHUNK_BYTES = 256 * 1024;
const LINE_BYTES_MAX = 16 * 1024 * 1024;
const NEWLINE = 10;

export interface LineOptions {
  /** Stop after that many lines. */
  readonly limit: number;
  /** Go on behind a block, by its `offset`. */
  readonly from?: unknown;
  /** The first line is not an entry: it is given to every block as `head`. */
  readonly header?: boolean;
}

/** Where a block ended. */
interface LineOffset {
  readonly bytes: number;
  readonly lines: number;
  readonly head?: string | undefined;
}

/** Reads `path` (gzip when it ends in .gz; `-` is standard input) as blocks of whole lines. */
export class LineReader implements SourceReader {
  private readonly path: string;
  private readonly limit: number;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private readonly input: Readable;
  private readonly size: number;
  private rest: Uint8Array = new Uint8Array(0);
  private lines: number;
  private bytes: number;
  private toSkip: number;
  private taken = 0;
  private ended = false;
  private header: boolean;
  private head: string | undefined;

  /** @throws LinnetError `io.not-found`, `io.failed` */
  constructor(path: string, { limit, header = false, from }: LineOptions) {
    const { bytes, lines, head } = (from as LineOffset | undefined) ?? {
      bytes: 0,
      lines: 0,
      head: undefined,
    };
    this.path = path;
    this.limit = limit;
    this.header = header && head === undefined;
    this.head = head;
    this.bytes = bytes;
    this.lines = lines;
    this.size = path === '-' ? 0 : fileSize(path);
    const seekable = path !== '-' && !path.endsWith('.gz');
    if (seekable && bytes > this.size) {
      throw new LinnetError(
        'data.invalid',
        `${path} has ${this.size} bytes but ${bytes} of it were read before: it is another file now; begin anew with --reset`,
      );
    }
    this.toSkip = seekable ? 0 : bytes;
    this.taken = seekable ? bytes : 0;
    this.input = open(path, seekable ? bytes : 0);
    this.chunks = this.input[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  async read(): Promise<SourceBlock | null> {
    while (!this.ended && this.lines < this.limit) {
      const block = this.cut(await this.next());
      if (block !== null) return block;
    }
    return null;
  }

  close(): Promise<void> {
    this.ended = true;
    this.input.destroy();
    return Promise.resolve();
  }

  private async next(): Promise<Uint8Array | null> {
    try {
      const { value, done } = await this.chunks.next();
      if (done === true) return null;
      const chunk = value as Uint8Array;
      this.taken += chunk.length;
      const skipped = Math.min(this.toSkip, chunk.length);
      this.toSkip -= skipped;
      return skipped === 0 ? chunk : chunk.subarray(skipped);
    } catch (cause) {
      throw new LinnetError('io.failed', `cannot read ${this.path}: ${(cause as Error).message}`, { cause });
    }
  }

  /** Joins a chunk to what was left and gives the whole lines of both; null when there is none yet. */
  private cut(chunk: Uint8Array | null): SourceBlock | null {
    this.ended = chunk === null;
    let bytes = chunk === null ? this.rest : Buffer.concat([this.rest, chunk]);
    let end = chunk === null ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    if (bytes.length - end > LINE_BYTES_MAX) {
      throw new LinnetError(
        'data.invalid',
        `${this.path}: line ${this.lines + 1} is longer than ${LINE_BYTES_MAX} bytes; is this a file of lines?`,
      );
    }
    if (this.header && end > 0) {
      const first = bytes.indexOf(NEWLINE);
      const headEnd = first < 0 ? end : first;
      this.head = Buffer.from(bytes.subarray(0, headEnd)).toString('utf8').trimEnd();
      this.header = false;
      this.bytes += Math.min(headEnd + 1, end);
      bytes = bytes.subarray(Math.min(headEnd + 1, end));
      end -= Math.min(headEnd + 1, end);
    }
    this.rest = bytes.slice(end);
    return end === 0 ? null : this.block(bytes.subarray(0, end));
  }

  private block(bytes: Uint8Array): SourceBlock {
    const first = this.lines;
    const own = this.withinLimit(bytes);
    this.bytes += own.length;
    const { head, lines } = this;
    const payload = { bytes: own, ...(head !== undefined && { head }) };
    const offset: LineOffset = { bytes: this.bytes, lines, head };
    return {
      payload,
      first,
      offset,
      ...(this.size > 0 && { progress: Math.min(1, this.taken / this.size) }),
    };
  }

  /** Counts lines, and cuts off what is past the limit. The copy owns its memory, so that it can be transferred. */
  private withinLimit(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    let at = 0;
    while (at < bytes.length && this.lines < this.limit) {
      const end = bytes.indexOf(NEWLINE, at);
      at = end < 0 ? bytes.length : end + 1;
      this.lines++;
    }
    return new Uint8Array(bytes.subarray(0, at));
  }
}

/** A path as people know it: from where they stand, when that is shorter. */
export function shownPath(path: string): string {
  if (path === '-') return 'standard input';
  const shown = relative(process.cwd(), path);
  return shown.length < path.length ? shown : path;
}

/** @throws LinnetError `io.not-found` for a path that is not a readable file */
export function fileSize(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new LinnetError('io.not-found', `${path}: there is no such file`);
  if (found.isDirectory()) throw new LinnetError('io.failed', `${path} is a folder; give a file`);
  return found.size;
}

function open(path: string, start: number): Readable {
  if (path === '-') return process.stdin;
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES, start });
  if (!path.endsWith('.gz')) return file;
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  file.on('error', (error) => gunzip.destroy(error));
  return file.pipe(gunzip);
}
