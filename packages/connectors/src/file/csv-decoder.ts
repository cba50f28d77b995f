import { LinnetError, type Decoded, type Rejected } from '@linnet/core';
import { SPAN, fieldScan, type FieldScan } from '@linnet/core/kernels';
import { wrongLength } from './csv-divider.ts';
import { readCsvHead } from './csv-head.ts';
import { fieldNumber, fieldValue } from './csv-number.ts';
import { CsvScanner, fieldText } from './csv-scanner.ts';
import { TextCache } from './text-cache.ts';

/** `number` and `text` say what a column holds; `any` is what a field looks like by itself. */
export type CsvType = 'number' | 'text' | 'any';
export type CsvTypes = Readonly<Record<string, CsvType>>;
export type CsvValue = string | number | null;
export type CsvRecord = Record<string, CsvValue>;

const QUOTE = 0x22;

interface Column {
  readonly name: string;
  readonly type: CsvType;
  /** Its place in the lines. */
  readonly position: number;
  readonly texts: TextCache;
}

/**
 * Turns blocks of CSV lines into records, column by column: where the fields are is found in one pass over the bytes, then each
 * column is read in a loop of its own, which knows its type.
 */
export class CsvDecoder {
  private readonly scanner: CsvScanner;
  private readonly width: number;
  private readonly columns: readonly Column[];
  private readonly template: CsvRecord;
  private readonly plain: FieldScan;
  /** Of each field of each record: where it begins and ends, and whether it holds doubled quotes. */
  private spans: Int32Array = new Int32Array(0);
  private lines: Int32Array = new Int32Array(0);
  private bad = new Uint8Array(0);
  /** The same of lines with quotes; they grow. */
  private quotedSpans = new Int32Array(0);
  private quotedLines = new Int32Array(0);

  /**
   * @param columns the columns to read; every column, as what it looks like, if not given
   * @param optional columns to read where the file has them
   * @throws LinnetError `data.invalid` for a head that is none or lacks a column
   */
  constructor(head: string, columns: CsvTypes | undefined, optional: CsvTypes, shown: string) {
    const { names, delimiter } = readCsvHead(head, shown);
    this.scanner = new CsvScanner(delimiter);
    this.width = names.length;
    const there = Object.entries(optional).filter(([name]) => names.includes(name));
    const types = columns && { ...Object.fromEntries(there), ...columns };
    this.columns = columnsOf(names, types, shown);
    const places = new Int32Array(names.length).fill(-1);
    this.columns.forEach(({ position }, index) => (places[position] = index));
    this.plain = fieldScan({ delimiter, columns: places });
    this.template = Object.fromEntries(this.columns.map(({ name }) => [name, null]));
  }

  /**
   * @param part given where the block is a part of one: the lines' places in the whole, and which of the whole are no records
   */
  decode(
    block: Uint8Array,
    part: { readonly places?: Int32Array; readonly rejected?: readonly Rejected[] } = {},
  ): Decoded<CsvRecord> {
    const rejected: Rejected[] = [...(part.rejected ?? [])];
    // A Buffer looks for a byte faster than other arrays of bytes, most of all in memory that threads have in common.
    const quoted = bufferOf(block).includes(QUOTE);
    const count = quoted ? this.scanQuoted(block, rejected) : this.scanPlain(block, rejected);
    const bytes = bufferOf(quoted ? block : this.plain.bytes);
    if (part.places !== undefined) this.lines = part.places;
    if (count > this.bad.length) this.bad = new Uint8Array(2 * count);
    this.bad.fill(0, 0, count);
    const items = new Array<CsvRecord>(count);
    // Cloning a template and storing into fields that are there already is much faster than adding field after field.
    for (let i = 0; i < count; i++) items[i] = { ...this.template };
    this.columns.forEach((column, index) => {
      if (column.type === 'number') this.numbers(bytes, column, index, items, rejected);
      else if (column.type === 'text') this.texts(bytes, column, index, items);
      else this.values(bytes, column, index, items);
    });
    if (rejected.length > 1) rejected.sort((a, b) => a.at - b.at);
    return this.kept(items, rejected);
  }

  /** Finds the records with the right number of fields, and where the fields of the columns are. */
  private scanQuoted(bytes: Uint8Array, rejected: Rejected[]): number {
    const { scanner, columns, width } = this;
    scanner.reset(bytes);
    let count = 0;
    for (;;) {
      const line = scanner.lines;
      if (!scanner.next()) break;
      if (scanner.problem !== '') {
        rejected.push({ at: line, why: scanner.problem });
      } else if (scanner.length === width) {
        if (count === this.quotedLines.length) this.grow();
        let at = count * columns.length * SPAN;
        for (const { position } of columns) {
          this.quotedSpans[at++] = scanner.starts[position] as number;
          this.quotedSpans[at++] = scanner.ends[position] as number;
          this.quotedSpans[at++] = scanner.doubled[position] as number;
        }
        this.quotedLines[count++] = line;
      } else if (scanner.length > 0) {
        rejected.push(wrongLength(line, scanner.length, width));
      }
    }
    this.spans = this.quotedSpans;
    this.lines = this.quotedLines;
    return count;
  }

  /** As `scanQuoted`, where no field is in quotes. */
  private scanPlain(bytes: Uint8Array, rejected: Rejected[]): number {
    const { plain, width } = this;
    const count = plain.scan(bytes);
    const { wrong } = plain;
    for (let i = 0; i < wrong.length; i += 2)
      rejected.push(wrongLength(wrong[i] as number, wrong[i + 1] as number, width));
    this.spans = plain.spans;
    this.lines = plain.lines;
    return count;
  }

  private numbers(
    bytes: Buffer,
    { name }: Column,
    index: number,
    items: CsvRecord[],
    rejected: Rejected[],
  ): void {
    const { spans, bad } = this;
    const stride = this.columns.length * SPAN;
    for (let i = 0, at = index * SPAN; i < items.length; i++, at += stride) {
      const [start, end] = [spans[at] as number, spans[at + 1] as number];
      const value = fieldNumber(bytes, start, end);
      if (value !== undefined) (items[i] as CsvRecord)[name] = value;
      else if (bad[i] === 0) {
        bad[i] = 1;
        const text = JSON.stringify(bytes.toString('utf8', start, Math.min(end, start + 40)));
        rejected.push({ at: this.lines[i] as number, why: `column ${name}: ${text} is no number` });
      }
    }
  }

  private texts(bytes: Buffer, { name, texts }: Column, index: number, items: CsvRecord[]): void {
    const { spans } = this;
    const stride = this.columns.length * SPAN;
    for (let i = 0, at = index * SPAN; i < items.length; i++, at += stride) {
      const [start, end] = [spans[at] as number, spans[at + 1] as number];
      if (start === end) continue;
      (items[i] as CsvRecord)[name] =
        spans[at + 2] === 0 ? texts.get(bytes, start, end) : fieldText(bytes, start, end, 1);
    }
  }

  private values(bytes: Buffer, { name, texts }: Column, index: number, items: CsvRecord[]): void {
    const { spans } = this;
    const stride = this.columns.length * SPAN;
    for (let i = 0, at = index * SPAN; i < items.length; i++, at += stride) {
      const [start, end] = [spans[at] as number, spans[at + 1] as number];
      if (start === end) continue;
      (items[i] as CsvRecord)[name] = fieldValue(
        spans[at + 2] === 0 ? texts.get(bytes, start, end) : fieldText(bytes, start, end, 1),
      );
    }
  }

  /** The records that are none taken out. Positions are those of the lines, so that a record can be found in its file. */
  private kept(items: CsvRecord[], rejected: readonly Rejected[]): Decoded<CsvRecord> {
    const { bad, lines } = this;
    const positions = lines.slice(0, items.length);
    if (rejected.length > 0) {
      let kept = 0;
      for (let i = 0; i < items.length; i++) {
        if (bad[i] === 1) continue;
        items[kept] = items[i] as CsvRecord;
        positions[kept++] = lines[i] as number;
      }
      items.length = kept;
    }
    const count = items.length;
    const whole = count === 0 || (positions[0] === 0 && positions[count - 1] === count - 1);
    return { items, positions: whole ? null : positions.subarray(0, count), rejected };
  }

  private grow(): void {
    const { quotedSpans, quotedLines } = this;
    const size = Math.max(1024, quotedLines.length * 2);
    this.quotedSpans = new Int32Array(size * this.columns.length * SPAN);
    this.quotedLines = new Int32Array(size);
    this.quotedSpans.set(quotedSpans);
    this.quotedLines.set(quotedLines);
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function columnsOf(names: readonly string[], types: CsvTypes | undefined, shown: string): Column[] {
  const wanted = types === undefined ? names.map((name) => [name, 'any'] as const) : Object.entries(types);
  const missing = wanted.map(([name]) => name).filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const has = names.join(', ');
    throw new LinnetError(
      'data.invalid',
      `${shown} has no column ${missing.map((name) => JSON.stringify(name)).join(', ')}; its line 1 names ${has}`,
    );
  }
  return wanted.map(([name, type]) => ({
    name,
    type,
    position: names.indexOf(name),
    texts: new TextCache(),
  }));
}
