import { LinnetError, type Decoded, type Rejected } from '@linnet/core';
import { readCsvHead } from './csv-head.ts';
import { fieldNumber, fieldValue } from './csv-number.ts';
import { CsvScanner, fieldText } from './csv-scanner.ts';
import { TextCache } from './text-cache.ts';

/** `number` and `text` say what a column holds; `any` is what a field looks like by itself. */
export type CsvType = 'number' | 'text' | 'any';
export type CsvTypes = Readonly<Record<string, CsvType>>;
export type CsvValue = string | number | null;
export type CsvRecord = Record<string, CsvValue>;

const [LF, CR, QUOTE] = [0x0a, 0x0d, 0x22];

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
  private readonly delimiter: number;
  /** Of each field of a line where its column's span is, within those of a record; -1 for a field that nobody reads. */
  private readonly places: Int32Array;
  /** Of each field of each record: where it begins and ends, and whether it holds doubled quotes. */
  private spans = new Int32Array(0);
  private lines = new Int32Array(0);
  private bad = new Uint8Array(0);

  /**
   * @param columns the columns to read; every column, as what it looks like, if not given
   * @param optional columns to read where the file has them
   * @throws LinnetError `data.invalid` for a head that is none or lacks a column
   */
  constructor(head: string, columns: CsvTypes | undefined, optional: CsvTypes, shown: string) {
    const { names, delimiter } = readCsvHead(head, shown);
    this.scanner = new CsvScanner(delimiter);
    this.delimiter = delimiter;
    this.width = names.length;
    const there = Object.entries(optional).filter(([name]) => names.includes(name));
    const types = columns && { ...Object.fromEntries(there), ...columns };
    this.columns = columnsOf(names, types, shown);
    this.places = new Int32Array(names.length).fill(-1);
    this.columns.forEach(({ position }, index) => (this.places[position] = index * 3));
    this.template = Object.fromEntries(this.columns.map(({ name }) => [name, null]));
  }

  decode(block: Uint8Array<ArrayBuffer>): Decoded<CsvRecord> {
    const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
    const rejected: Rejected[] = [];
    const count = this.scan(bytes, rejected);
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
  private scan(bytes: Buffer, rejected: Rejected[]): number {
    if (!bytes.includes(QUOTE)) return this.scanPlain(bytes, rejected);
    const { scanner, columns, width } = this;
    scanner.reset(bytes);
    let count = 0;
    for (;;) {
      const line = scanner.lines;
      if (!scanner.next()) break;
      if (scanner.problem !== '') {
        rejected.push({ at: line, why: scanner.problem });
      } else if (scanner.length === width) {
        if (count === this.lines.length) this.grow();
        let at = count * columns.length * 3;
        for (const { position } of columns) {
          this.spans[at++] = scanner.starts[position] as number;
          this.spans[at++] = scanner.ends[position] as number;
          this.spans[at++] = scanner.doubled[position] as number;
        }
        this.bad[count] = 0;
        this.lines[count++] = line;
      } else if (scanner.length > 0) {
        rejected.push(wrongLength(line, scanner.length, width));
      }
    }
    return count;
  }

  /** As `scan`, where no field is in quotes: one pass that writes down the fields of the columns alone. */
  private scanPlain(bytes: Buffer, rejected: Rejected[]): number {
    const { delimiter, width, places } = this;
    const stride = this.columns.length * 3;
    // Most bytes of readings are digits and letters, which come behind both.
    const lastSpecial = Math.max(delimiter, LF);
    const size = bytes.length;
    let [count, line, field, start, base] = [0, 0, 0, 0, 0];
    if (this.lines.length === 0) this.grow();
    for (let at = 0; at <= size; at++) {
      const code = at < size ? (bytes[at] as number) : LF;
      if (code > lastSpecial || (code !== delimiter && code !== LF)) continue;
      const place = field < width ? (places[field] as number) : -1;
      if (place >= 0) {
        this.spans[base + place] = start;
        this.spans[base + place + 1] = at;
        this.spans[base + place + 2] = 0;
      }
      field++;
      if (code === LF) {
        const end = at > start && bytes[at - 1] === CR ? at - 1 : at;
        if (field === width && (end > start || width > 1)) {
          if (place >= 0) this.spans[base + place + 1] = end;
          this.bad[count] = 0;
          this.lines[count++] = line;
          base += stride;
          if (count === this.lines.length) this.grow();
        } else if (field > 1 || end > start) rejected.push(wrongLength(line, field, width));
        field = 0;
        line++;
      }
      start = at + 1;
    }
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
    const stride = this.columns.length * 3;
    for (let i = 0, at = index * 3; i < items.length; i++, at += stride) {
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
    const stride = this.columns.length * 3;
    for (let i = 0, at = index * 3; i < items.length; i++, at += stride) {
      const [start, end] = [spans[at] as number, spans[at + 1] as number];
      if (start === end) continue;
      (items[i] as CsvRecord)[name] =
        spans[at + 2] === 0 ? texts.get(bytes, start, end) : fieldText(bytes, start, end, 1);
    }
  }

  private values(bytes: Buffer, { name, texts }: Column, index: number, items: CsvRecord[]): void {
    const { spans } = this;
    const stride = this.columns.length * 3;
    for (let i = 0, at = index * 3; i < items.length; i++, at += stride) {
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
    const count = items.length;
    const positions = lines.slice(0, count);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if (bad[i] === 1) continue;
      items[kept] = items[i] as CsvRecord;
      positions[kept++] = lines[i] as number;
    }
    items.length = kept;
    const whole = kept === 0 || (positions[0] === 0 && positions[kept - 1] === kept - 1);
    return { items, positions: whole ? null : positions.subarray(0, kept), rejected };
  }

  private grow(): void {
    const size = Math.max(1024, this.lines.length * 2);
    const { spans, lines, bad } = this;
    this.spans = new Int32Array(size * this.columns.length * 3);
    this.lines = new Int32Array(size);
    this.bad = new Uint8Array(size);
    this.spans.set(spans);
    this.lines.set(lines);
    this.bad.set(bad);
  }
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

function wrongLength(at: number, fields: number, width: number): Rejected {
  return { at, why: `it has ${fields} fields, not ${width}` };
}
