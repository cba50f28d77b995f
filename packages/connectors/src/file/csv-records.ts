import { LinnetError } from '@linnet/core';

const [LF, CR, QUOTE] = [0x0a, 0x0d, 0x22];

/**
 * The records of a CSV text, one after the other, as RFC 4180 has them: fields in quotes may hold delimiters, line ends
 * and doubled quotes; lines end in CRLF, LF or CR. A line with nothing on it is no record.
 */
export class CsvRecords {
  /** Fields of the current record. */
  length = 0;
  /** Line on which the current record begins, from 1. */
  line = 0;
  private readonly text: string;
  private readonly name: string;
  private readonly delimiter: number;
  private starts = new Int32Array(64);
  private ends = new Int32Array(64);
  /** 1 where the field holds doubled quotes. */
  private doubled = new Uint8Array(64);
  private at = 0;
  private nextLine = 1;

  /** @param name the file, for messages */
  constructor(text: string, delimiter: string, name: string) {
    this.text = text;
    this.delimiter = delimiter.charCodeAt(0);
    this.name = name;
  }

  /** Reads the next record; false at the end of the text. */
  next(): boolean {
    const { text } = this;
    while (this.at < text.length && this.skipLineEnd());
    if (this.at >= text.length) return false;
    this.line = this.nextLine;
    this.length = 0;
    for (;;) {
      if (text.charCodeAt(this.at) === QUOTE) this.quotedField();
      else this.plainField();
      if (this.at >= text.length) return true;
      if (text.charCodeAt(this.at) !== this.delimiter) {
        this.skipLineEnd();
        return true;
      }
      this.at++;
    }
  }

  field(index: number): string {
    const value = this.text.slice(this.starts[index], this.ends[index]);
    return this.doubled[index] === 1 ? value.replaceAll('""', '"') : value;
  }

  /** True when the field is empty: the cheapest question, asked of every field. */
  isEmpty(index: number): boolean {
    return this.starts[index] === this.ends[index];
  }

  private plainField(): void {
    const { text, delimiter } = this;
    let end = this.at;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === delimiter || code === LF || code === CR) break;
    }
    this.add(this.at, end, 0);
    this.at = end;
  }

  private quotedField(): void {
    const { text } = this;
    const start = this.at + 1;
    const startLine = this.nextLine;
    let doubled = 0;
    let end = start;
    for (; ; end++) {
      if (end >= text.length) throw this.broken(startLine, 'a quote is opened and never closed');
      const code = text.charCodeAt(end);
      if (code === LF || (code === CR && text.charCodeAt(end + 1) !== LF)) this.nextLine++;
      if (code !== QUOTE) continue;
      if (text.charCodeAt(end + 1) !== QUOTE) break;
      doubled = 1;
      end++;
    }
    this.add(start, end, doubled);
    this.at = end + 1;
    const after = text.charCodeAt(this.at);
    if (this.at < text.length && after !== this.delimiter && after !== LF && after !== CR) {
      throw this.broken(
        this.nextLine,
        'there is text after a closing quote; quotes inside a field are doubled',
      );
    }
  }

  private add(start: number, end: number, doubled: number): void {
    if (this.length === this.starts.length) {
      this.starts = grown(this.starts, new Int32Array(this.length * 2));
      this.ends = grown(this.ends, new Int32Array(this.length * 2));
      this.doubled = grown(this.doubled, new Uint8Array(this.length * 2));
    }
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.doubled[this.length] = doubled;
    this.length++;
  }

  private skipLineEnd(): boolean {
    const code = this.text.charCodeAt(this.at);
    if (code !== CR && code !== LF) return false;
    this.at += code === CR && this.text.charCodeAt(this.at + 1) === LF ? 2 : 1;
    this.nextLine++;
    return true;
  }

  private broken(line: number, what: string): LinnetError {
    return new LinnetError('data.invalid', `${this.name} line ${line}: ${what}`);
  }
}

function grown<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
