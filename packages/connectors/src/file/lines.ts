/**
 * A text input cut into blocks of whole entries, as bytes that can be transferred to a worker.
 */
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { LinnetError, type SourceBlock, type SourceReader } from '@linnet/core';
import { ByteInput, type MadeText } from './open-bytes.ts';

const ENTRY_BYTES_MAX = 16 * 1024 * 1024;
const BOM_BYTES = 3;
const NEWLINE = 10;

/** Whole entries at the beginning of some bytes. */
export interface Cut {
  /** Where they end. */
  readonly end: number;
  readonly entries: number;
  readonly lines: number;
}

export interface LineOptions {
  /** Stop after that many entries. */
  readonly limit: number;
  /** Go on behind a block, by its `offset`. */
  readonly from?: unknown;
  /** The first entry is not one: it is checked by this function and given to every block as `head`. */
  readonly header?: (text: string) => void;
  /**
   * Finds the whole entries at the beginning of some bytes, at most `max`; an entry is a line if not given.
   * @param final true when nothing comes after these bytes
   */
  readonly cut?: (bytes: Uint8Array, final: boolean, max: number) => Cut;
}

/** Where a block ended. */
interface LineOffset {
  readonly bytes: number;
  readonly lines: number;
  readonly entries: number;
  readonly head?: string | undefined;
}

/** Reads a file (`-` is standard input; gzip is unpacked), or text that is made, as blocks of whole entries. */
export class LineReader implements SourceReader {
  private readonly path: string;
  private readonly limit: number;
  private readonly input: ByteInput;
  private readonly size: number;
  private readonly cutter: NonNullable<LineOptions['cut']>;
  private readonly checkHead: LineOptions['header'];
  private rest = new Uint8Array(0);
  private lines: number;
  private entries: number;
  private bytes: number;
  private head: string | undefined;
  private ended = false;
  /** Whether it was said that nothing more comes. */
  private told = false;

  /** @throws LinnetError `io.not-found`, `io.failed` */
  constructor(input: string | MadeText, { limit, header, from, cut = cutLines }: LineOptions) {
    const start = (from as LineOffset | undefined) ?? { bytes: 0, lines: 0, entries: 0, head: undefined };
    const path = typeof input === 'string' ? input : input.name;
    this.path = path;
    this.limit = limit;
    this.cutter = cut;
    this.checkHead = header;
    this.head = start.head;
    if (start.head !== undefined) header?.(start.head);
    this.bytes = start.bytes;
    this.lines = start.lines;
    this.entries = start.entries;
    this.size = typeof input !== 'string' || path === '-' ? 0 : fileSize(path);
    this.input = new ByteInput(input, start.bytes);
    if (this.input.taken > this.size) {
      throw new LinnetError(
        'data.invalid',
        `${path} has ${this.size} bytes but ${start.bytes} of it were read before: it is another file now; begin anew with --reset`,
      );
    }
  }

  async read(): Promise<SourceBlock | null> {
    while (!this.ended && this.entries < this.limit) {
      const block = this.cut(await this.input.next());
      if (block !== null) return block;
    }
    if (this.told) return null;
    this.told = true;
    // Alone, so that what other sources still give is not held back by this one.
    return { payload: { items: [] }, first: this.lines, ended: true };
  }

  close(): Promise<void> {
    this.ended = true;
    this.input.close();
    return Promise.resolve();
  }

  /** Joins a chunk to what was left and gives the whole entries of both; null when there is none yet. */
  private cut(chunk: Uint8Array | null): SourceBlock | null {
    this.ended = chunk === null;
    let bytes = chunk === null ? this.rest : joined(this.rest, chunk);
    this.rest = bytes;
    if (bytes.length < BOM_BYTES && !this.ended) return null;
    // A byte order mark is no part of the first entry.
    if (this.bytes === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
      this.bytes = BOM_BYTES;
      bytes = bytes.subarray(BOM_BYTES);
    }
    if (this.checkHead !== undefined && this.head === undefined) {
      bytes = this.takeHead(bytes, this.checkHead);
      this.rest = bytes;
      if (this.head === undefined) return null;
    }
    const first = this.lines;
    const cut = this.take(bytes, this.limit - this.entries);
    this.entries += cut.entries;
    // A copy: the block may be transferred, and its memory with it.
    this.rest = new Uint8Array(bytes.subarray(cut.end));
    if (this.rest.length > ENTRY_BYTES_MAX && this.entries < this.limit) {
      throw new LinnetError(
        'data.invalid',
        `${this.path}: line ${this.lines + 1} is longer than ${ENTRY_BYTES_MAX} bytes; is this a file of lines?`,
      );
    }
    return cut.entries === 0 ? null : this.block(bytes.subarray(0, cut.end), first);
  }

  /** Takes the header off the bytes, where it is whole. */
  private takeHead(bytes: OwnBytes, check: (text: string) => void): OwnBytes {
    const { end, entries } = this.take(bytes, 1);
    if (entries === 1) {
      this.head = Buffer.from(bytes.subarray(0, end)).toString('utf8').trim();
      check(this.head);
    } else if (this.ended) {
      throw new LinnetError('data.empty', `${this.path} is empty: it should begin with a line of names`);
    }
    return bytes.subarray(end);
  }

  private take(bytes: Uint8Array, max: number): Cut {
    const cut = this.cutter(bytes, this.ended, max);
    this.bytes += cut.end;
    this.lines += cut.lines;
    return cut;
  }

  private block(bytes: OwnBytes, first: number): SourceBlock {
    const { head, lines, entries, size } = this;
    const offset: LineOffset = { bytes: this.bytes, lines, entries, head };
    return {
      payload: { bytes, ...(head !== undefined && { head }) },
      first,
      offset,
      ...(size > 0 && { progress: Math.min(1, this.input.taken / size) }),
    };
  }
}

/** Bytes in memory that nobody else looks at. */
type OwnBytes = Uint8Array<ArrayBuffer>;

function joined(a: Uint8Array, b: Uint8Array): OwnBytes {
  const both = Buffer.allocUnsafeSlow(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Whole lines at the beginning of some bytes. */
function cutLines(bytes: Uint8Array, final: boolean, max: number): Cut {
  const whole = final ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
  let [at, lines] = [0, 0];
  while (at < whole && lines < max) {
    const end = bytes.indexOf(NEWLINE, at);
    at = end < 0 ? whole : end + 1;
    lines++;
  }
  return { end: at, entries: lines, lines };
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
