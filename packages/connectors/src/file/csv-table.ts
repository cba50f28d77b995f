import { LinnetError } from '@linnet/core';
import { ColumnBuilder, notesOn } from './column-builder.ts';
import { delimiterOf } from './csv-delimiter.ts';
import { CsvRecords } from './csv-records.ts';
import { decodeText } from './decode-text.ts';
import { numericText } from './numeric-text.ts';
import { requireUnique } from './require-unique.ts';
import type { Table, TableSource } from './table.ts';

const MISSING = /^\s*(?:N\/?A|NaN|null)?\s*$/i;

/**
 * Reads CSV (RFC 4180) with names in its first line; the delimiter (comma, semicolon, tab or bar) is the one that this
 * line has most of. Empty, NA, N/A, NaN and null are missing, in any case. A column is numeric when every other
 * value is a number; all other columns keep their text. A record with more or fewer fields than names is skipped.
 * @throws LinnetError `data.invalid` naming the line, `data.empty` when there is no record
 */
export function csvTable(source: TableSource): Table {
  const { name } = source;
  const text = decodeText(source);
  if (/^\s*[{[]/.test(text)) {
    throw new LinnetError(
      'data.invalid',
      `${name} is JSON, not CSV: leave --format out, or say jsonl or purpleair`,
    );
  }
  const records = new CsvRecords(text, delimiterOf(text), name);
  const names = header(records, name);
  const first = collect(
    records,
    names.map((column) => new ColumnBuilder(column)),
  );
  if (first.rows === 0) {
    const why =
      first.skipped > 0
        ? `all ${first.skipped} records differ from the header in length`
        : 'there is a header only';
    throw new LinnetError('data.empty', `${name} holds no record to use: ${why}`);
  }
  const notes = notesOn(first.builders);
  let { builders } = first;
  if (builders.some((builder) => builder.turned !== undefined)) {
    // The text of numbers read before is gone: read such a column again, as text from the start.
    const again = new CsvRecords(text, delimiterOf(text), name);
    again.next();
    const asText = new Set(
      builders.filter(({ turned }) => turned !== undefined).map((builder) => builder.name),
    );
    builders = collect(
      again,
      names.map((column) => new ColumnBuilder(column)),
      asText,
    ).builders;
  }
  const columns = builders.map((builder) => builder.finish());
  const { rows, skipped } = first;
  const skippedNote = noteOnSkipped(first, names.length);
  return { name, format: 'csv', columns, rows, skipped, skippedNote, notes };
}

interface Collected {
  readonly builders: ColumnBuilder[];
  rows: number;
  skipped: number;
  /** The first record that was skipped. */
  skippedFirst?: { readonly line: number; readonly length: number };
}

function collect(records: CsvRecords, builders: ColumnBuilder[], asText = new Set<string>()): Collected {
  const collected: Collected = { builders, rows: 0, skipped: 0 };
  while (records.next()) {
    if (records.length !== builders.length) {
      collected.skipped++;
      collected.skippedFirst ??= { line: records.line, length: records.length };
      continue;
    }
    collected.rows++;
    builders.forEach((builder, position) => {
      if (records.isEmpty(position)) return builder.pushMissing();
      const value = records.field(position);
      const number = builder.isNumeric && !asText.has(builder.name) ? numericText(value) : undefined;
      if (number !== undefined) builder.pushNumber(number);
      else if (MISSING.test(value)) builder.pushMissing();
      else builder.pushOther(value);
    });
  }
  return collected;
}

function header(records: CsvRecords, name: string): string[] {
  if (!records.next()) throw new LinnetError('data.empty', `${name} is empty`);
  const names = Array.from({ length: records.length }, (_, position) => {
    const given = records.field(position).trim();
    return given === '' ? `column${position + 1}` : given;
  });
  if (names.every((given) => numericText(given) !== undefined)) {
    throw new LinnetError(
      'data.invalid',
      `${name} line ${records.line} holds numbers where the names of the columns should be: put a line of names before it`,
    );
  }
  requireUnique(names, `${name} line ${records.line}`);
  return names;
}

function noteOnSkipped({ rows, skipped, skippedFirst }: Collected, columns: number): string | undefined {
  if (skippedFirst === undefined) return undefined;
  const { line, length } = skippedFirst;
  return `${skipped} of ${rows + skipped} records skipped for not having ${columns} fields; the first, line ${line}, has ${length}`;
}
