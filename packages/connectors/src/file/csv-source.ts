import type { Source } from '@linnet/core';
import { lineCutter } from '@linnet/core/kernels';
import { CsvDivider } from './csv-divider.ts';
import { CsvDecoder, type CsvRecord, type CsvTypes, type CsvType } from './csv-decoder.ts';
import { columnsOver } from './csv-over.ts';
import { delimiterOf } from './csv-delimiter.ts';
import { CsvScanner } from './csv-scanner.ts';
import { LineReader, shownPath, type Cut } from './lines.ts';
import type { MadeText } from './open-bytes.ts';

const [CR, QUOTE] = [0x0d, 0x22];

interface TypeOf {
  number: number;
  text: string;
  any: string | number;
}

/** A record of typed columns: a missing value is null. */
export type CsvTyped<C extends CsvTypes> = { [N in keyof C]: TypeOf[C[N]] | null };

/**
 * A source over CSV (RFC 4180, UTF-8): names in its first line, delimiter (comma, semicolon, tab or bar) found there. Plain or
 * gzip, told by content; `-` is standard input. A line with another number of fields, with quotes that do not close, or without a
 * number where one was declared is rejected, counted and named by its number; an empty one is passed over.
 *
 * @param input a path, or text that is made on the spot
 * @param options.columns which columns to read, each as `number`, `text` or `any`: faster, and it says what a record holds. Without
 * it every column is read as `any`: a number where it looks like one and no name would (`007` stays text), null where it is
 * empty, NA, N/A, NaN or null, else text.
 * @param options.optional columns to read as well where the file has them; a record of a file that has not lacks the field
 * @throws LinnetError when read: `io.not-found`, `io.failed`, `data.empty` without a line of names, `data.invalid` for a column
 * that is not there
 *
 * @example
 * csv('air.csv.gz', { columns: { created_at: 'text', 'PM2.5_CF1_ug/m3': 'number', sensor: 'text' } })
 */
export function csv(input: string | MadeText): Source<CsvRecord>;
export function csv<const C extends CsvTypes, const O extends CsvTypes = Record<never, CsvType>>(
  input: string | MadeText,
  options: { readonly columns: C; readonly optional?: O },
): Source<CsvTyped<C> & Partial<CsvTyped<O>>>;
export function csv(
  input: string | MadeText,
  { columns, optional = {} }: { readonly columns?: CsvTypes; readonly optional?: CsvTypes } = {},
): Source<CsvRecord> {
  const name = typeof input === 'string' ? shownPath(input) : input.name;
  let decoder: { readonly head: string; readonly own: CsvDecoder } | undefined;
  const decoderFor = (head: string): CsvDecoder => {
    if (decoder?.head !== head) decoder = { head, own: new CsvDecoder(head, columns, optional, name) };
    return decoder.own;
  };
  let divider: CsvDivider | undefined;
  const dividerFor = (head: string): CsvDivider => {
    if (divider?.head !== head) divider = new CsvDivider(head, name);
    return divider;
  };
  return {
    kind: 'csv',
    name,
    bounded: input !== '-',
    open: (reading) => {
      let scanner: CsvScanner | undefined;
      const header = (head: string): void => {
        decoderFor(head);
        scanner = new CsvScanner(delimiterOf(head).charCodeAt(0));
      };
      const cut = (bytes: Uint8Array, final: boolean, max: number): Cut =>
        // Line ends within quotes do not depend on the delimiter before it is known.
        cutRecords(bytes, final, max, scanner ?? new CsvScanner(delimiterIn(bytes)));
      return new LineReader(input, { ...reading, header, cut });
    },
    divide: ({ bytes, head = '' }, by, workers) => dividerFor(head).divide(bytes, by, workers),
    decode: (payload) =>
      'bytes' in payload
        ? decoderFor(payload.head ?? '').decode(payload.bytes, payload)
        : { items: [], positions: null, rejected: [] },
    place: (index) => `line ${index + 1}`,
    ...(columns !== undefined && {
      over: (decoded: Source<unknown>) => columnsOver(decoded, columns, optional),
    }),
  };
}

function delimiterIn(bytes: Uint8Array): number {
  return delimiterOf(Buffer.from(bytes).toString('utf8')).charCodeAt(0);
}

/** Whole records at the beginning of some bytes. Without a quote they are lines, which are found much faster. */
function cutRecords(bytes: Uint8Array, final: boolean, max: number, scanner: CsvScanner): Cut {
  if (!bytes.includes(QUOTE)) return cutPlain(bytes, final, max);
  scanner.reset(bytes);
  let [end, entries, lines] = [0, 0, 0];
  while (entries < max && scanner.next()) {
    if (scanner.cutShort && !final) break;
    if (scanner.length > 0 || scanner.problem !== '') entries++;
    end = Math.min(scanner.at, bytes.length);
    lines = scanner.lines;
  }
  return { end, entries, lines };
}

const cutLines = lineCutter();

/** A last line that no line end follows is one, too, when nothing comes behind it. */
function cutPlain(bytes: Uint8Array, final: boolean, max: number): Cut {
  const cut = cutLines(bytes, max);
  const rest = bytes.length - cut.end;
  if (!final || rest === 0 || cut.entries >= max) return cut;
  const empty = rest === 1 && bytes[cut.end] === CR;
  return { end: bytes.length, entries: cut.entries + (empty ? 0 : 1), lines: cut.lines + 1 };
}
