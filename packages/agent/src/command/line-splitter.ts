import { StringDecoder } from 'node:string_decoder';

/** Longer than any reading may be. */
const LINE_CHARS_MAX = 1 << 20;

/** Chunks of bytes in, whole lines out. */
export class LineSplitter {
  private decoder = new StringDecoder('utf8');
  private rest = '';

  push(chunk: Buffer): string[] {
    const parts = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = parts.pop() ?? '';
    // Without an end of line memory would grow for ever: what was read so far is given up as one bad line.
    if (this.rest.length > LINE_CHARS_MAX) parts.push(this.end());
    return parts;
  }

  /** What stands behind the last end of line. */
  end(): string {
    const { rest } = this;
    this.rest = '';
    return rest;
  }
}
