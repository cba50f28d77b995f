import { LinnetError } from '@linnet/core';
import { ColumnBuilder, notesOn } from './column-builder.ts';
import { decodeText } from './decode-text.ts';
import { numericText } from './numeric-text.ts';
import { parseJson } from './parse-json.ts';
import { requireUnique } from './require-unique.ts';
import type { Table, TableSource } from './table.ts';

/**
 * Reads the JSON of PurpleAir's API: `fields` names the columns, each entry of `data` holds their values.
 *
 * An entry shorter than `fields` is skipped and counted. `pm2.5_cf_1` becomes a number, `date_created` (epoch seconds)
 * an ISO time in UTC, and a column of numbers written as text becomes numbers, as in bytewax/ml-iot.
 * @throws LinnetError `data.invalid` when it is no such JSON, `data.empty` when no entry is left
 */
export function purpleairTable(source: TableSource): Table {
  const { name } = source;
  const { fields, data } = decode(parseJson(decodeText(source), name), name);
  requireUnique(fields, name);
  const entries = data.filter((entry) => isComplete(entry, fields));
  const skipped = data.length - entries.length;
  if (entries.length === 0) {
    const why = skipped === 0 ? 'data is empty' : `all ${skipped} entries of data are shorter than fields`;
    throw new LinnetError('data.empty', `${name} holds no record to use: ${why}`);
  }
  const notes: string[] = [];
  const builders = fields.map((field, position) => {
    const builder = new ColumnBuilder(field);
    const convert = conversion(field, entries, position);
    let refused = 0;
    for (const entry of entries) {
      const value = entry[position];
      const converted = convert === undefined ? value : convert(value);
      if (converted === null && value !== null && value !== undefined) refused++;
      builder.push(converted);
    }
    if (refused > 0)
      notes.push(
        `column ${field}: ${refused} of its values are no ${field === 'date_created' ? 'time' : 'number'}, taken for missing`,
      );
    return builder;
  });
  const columns = builders.map((builder) => builder.finish());
  return {
    name,
    format: 'purpleair',
    columns,
    rows: entries.length,
    skipped,
    skippedNote: skipped > 0 ? noteOnSkipped(data, fields, skipped) : undefined,
    notes: [...notes, ...notesOn(builders)],
  };
}

function decode(json: unknown, name: string): { fields: string[]; data: unknown[] } {
  const { fields, data, error, description } = Object(json) as Record<string, unknown>;
  if (Array.isArray(fields) && fields.every((field) => typeof field === 'string') && Array.isArray(data)) {
    if (fields.length > 0) return { fields, data };
    throw new LinnetError('data.invalid', `${name} names no column: fields is empty`);
  }
  // What the API answers instead of data.
  const answer =
    typeof error === 'string'
      ? `: the API said ${error}${typeof description === 'string' ? `, ${description}` : ''}`
      : '';
  throw new LinnetError(
    'data.invalid',
    `${name} is JSON but not PurpleAir's, which has the lists "fields" and "data"${answer}`,
  );
}

function isComplete(entry: unknown, fields: readonly string[]): entry is unknown[] {
  return Array.isArray(entry) && entry.length >= fields.length;
}

type Conversion = (value: unknown) => unknown;

/** How a column's values are to be changed, if at all. */
function conversion(field: string, entries: readonly unknown[][], position: number): Conversion | undefined {
  if (field === 'date_created') return isoTime;
  if (field === 'pm2.5_cf_1') return toNumber;
  const hasText = entries.some((entry) => typeof entry[position] === 'string');
  const isNumeric =
    hasText && entries.every((entry) => entry[position] === null || toNumber(entry[position]) !== null);
  return isNumeric ? toNumber : undefined;
}

function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? (numericText(value) ?? null) : null;
}

function isoTime(value: unknown): unknown {
  if (typeof value !== 'number') return value;
  const time = new Date(value * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function noteOnSkipped(data: readonly unknown[], fields: readonly string[], skipped: number): string {
  const first = data.findIndex((entry) => !isComplete(entry, fields));
  const entry = data[first];
  const what = Array.isArray(entry) ? `has ${entry.length} values` : 'is no list';
  return `${skipped} of ${data.length} entries skipped for being shorter than fields (${fields.length}); the first, data[${first}], ${what}`;
}
