const [LF, CR, QUOTE] = [0x0a, 0x0d, 0x22];

/** A field in quotes may hold line ends; a record longer than this is taken for one whose closing quote is missing. */
const QUOTED_BYTES_MAX = 64 * 1024;

/**
 * The records of CSV bytes (RFC 4180, UTF-8), one after the other, without making a string of anything. A record that breaks
 * the rules is the line on which it begins; the next one begins on the next line, so that a stray quote costs one line.
 */
export class CsvScanner {
  /** Fields of the current record; a line with nothing on it has none. */
  length = 0;
  starts = new Int32Array(32);
  ends = new Int32Array(32);
  /** 1 where the field holds doubled quotes. */
  doubled = new Uint8Array(32);
  /** Why the current record is none; empty where it is one. */
  problem = '';
  /** True when the bytes ended before the record did: more of them might make it whole. */
  cutShort = false;
  /** Where the next record begins. */
  at = 0;
  /** Line ends before the next record. */
  lines = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private readonly delimiter: number;

  constructor(delimiter: number) {
    this.delimiter = delimiter;
  }

  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.at = 0;
    this.lines = 0;
  }

  /** Reads the next record; false at the end of the bytes. */
  next(): boolean {
    const { bytes, delimiter } = this;
    const start = this.at;
    const size = bytes.length;
    if (start >= size) return false;
    this.length = 0;
    this.problem = '';
    this.cutShort = false;
    let at = start;
    let lines = 1;
    for (;;) {
      const from = at;
      let code = bytes[at];
      if (code === QUOTE) {
        lines += this.quotedField(at, start);
        if (this.problem !== '') return this.giveUp(start);
        at = this.at;
      } else {
        while (code !== delimiter && code !== LF && at < size) code = bytes[++at];
        const crlf = at > from && code !== delimiter && bytes[at - 1] === CR;
        this.add(from, crlf ? at - 1 : at, 0);
      }
      if (at >= size || bytes[at] === LF) break;
      at++;
    }
    this.cutShort = at >= size;
    this.at = at + 1;
    this.lines += lines;
    if (this.length === 1 && this.starts[0] === this.ends[0] && bytes[start] !== QUOTE) this.length = 0;
    return true;
  }

  private quotedField(open: number, recordStart: number): number {
    const { bytes } = this;
    const limit = Math.min(bytes.length, recordStart + QUOTED_BYTES_MAX);
    let [lines, doubled, end] = [0, 0, open + 1];
    for (; ; end++) {
      if (end >= limit) {
        this.problem = 'a quote is opened and never closed';
        this.cutShort = limit === bytes.length;
        return 0;
      }
      const code = bytes[end];
      if (code === LF) lines++;
      if (code !== QUOTE) continue;
      if (bytes[end + 1] !== QUOTE) break;
      doubled = 1;
      end++;
    }
    this.add(open + 1, end, doubled);
    let after = end + 1;
    if (bytes[after] === CR && (after + 1 === bytes.length || bytes[after + 1] === LF)) after++;
    if (after < bytes.length && bytes[after] !== this.delimiter && bytes[after] !== LF) {
      this.problem = 'there is text after a closing quote; quotes inside a field are doubled';
    }
    this.at = after;
    return lines;
  }

  private giveUp(start: number): true {
    const end = this.bytes.indexOf(LF, start);
    this.cutShort ||= end < 0;
    this.at = end < 0 ? this.bytes.length : end + 1;
    this.lines++;
    return true;
  }

  private add(start: number, end: number, doubled: number): void {
    const { length } = this;
    if (length === this.starts.length) this.grow();
    this.starts[length] = start;
    this.ends[length] = end;
    this.doubled[length] = doubled;
    this.length = length + 1;
  }

  private grow(): void {
    const { starts, ends, doubled } = this;
    this.starts = new Int32Array(2 * starts.length);
    this.ends = new Int32Array(2 * starts.length);
    this.doubled = new Uint8Array(2 * starts.length);
    this.starts.set(starts);
    this.ends.set(ends);
    this.doubled.set(doubled);
  }
}

/** The text of a field, its doubled quotes made single. */
export function fieldText(bytes: Buffer, start: number, end: number, doubled: number): string {
  const text = bytes.toString('utf8', start, end);
  return doubled === 1 ? text.replaceAll('""', '"') : text;
}
