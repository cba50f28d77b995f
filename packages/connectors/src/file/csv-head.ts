import { LinnetError } from '@linnet/core';
import { delimiterOf } from './csv-delimiter.ts';
import { CsvScanner, fieldText } from './csv-scanner.ts';
import { numericText } from './numeric-text.ts';
import { requireUnique } from './require-unique.ts';

/** The first line of a CSV: what its columns are called. */
export interface CsvHead {
  readonly names: readonly string[];
  readonly delimiter: number;
}

/**
 * Reads the line of names.
 * @param shown the file, for messages
 * @throws LinnetError `data.invalid` for a line that cannot be one
 */
export function readCsvHead(text: string, shown: string): CsvHead {
  if (/^[{[]/.test(text)) throw new LinnetError('data.invalid', `${shown} is JSON, not CSV`);
  if (text.includes('\0')) {
    throw new LinnetError('data.invalid', `${shown} is no text in UTF-8: save it as CSV in UTF-8`);
  }
  const delimiter = delimiterOf(text).charCodeAt(0);
  const scanner = new CsvScanner(delimiter);
  const bytes = Buffer.from(text);
  scanner.reset(bytes);
  scanner.next();
  if (scanner.problem !== '') throw new LinnetError('data.invalid', `${shown} line 1: ${scanner.problem}`);
  const names = Array.from({ length: scanner.length }, (_, position) => {
    const { starts, ends, doubled } = scanner;
    const name = fieldText(bytes, starts[position] ?? 0, ends[position] ?? 0, doubled[position] ?? 0).trim();
    return name === '' ? `column${position + 1}` : name;
  });
  if (names.every((name) => numericText(name) !== undefined)) {
    throw new LinnetError(
      'data.invalid',
      `${shown} line 1 holds numbers where the names of the columns should be: put a line of names before it`,
    );
  }
  requireUnique(names, `${shown} line 1`);
  return { names, delimiter };
}
