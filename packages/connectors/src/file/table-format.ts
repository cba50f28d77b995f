import { LinnetError } from '@linnet/core';
import { textOf } from './decode-text.ts';
import { jsonErrorOffset } from './parse-json.ts';
import type { TableFormat, TableSource } from './table.ts';

const BY_NAME: readonly (readonly [RegExp, TableFormat])[] = [
  [/\.(?:csv|tsv)$/i, 'csv'],
  [/\.(?:jsonl|ndjson)$/i, 'jsonl'],
  [/\.(?:parquet|pq)$/i, 'parquet'],
];
const HEAD_BYTES = 65_536;

/**
 * Tells the format from the content, and from the name where the content leaves it open.
 * @throws LinnetError `data.invalid` when it is none of the formats, `data.empty` when there is nothing
 */
export function tableFormatOf({ name, bytes }: TableSource): TableFormat {
  if (bytes.length === 0) throw new LinnetError('data.empty', `${name} is empty`);
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES));
  if (head.toString('latin1', 0, 4) === 'PAR1') return 'parquet';
  const path = name.replace(/[?#].*$/, '').replace(/\.gz$/i, '');
  const named = BY_NAME.find(([pattern]) => pattern.test(path))?.[1];
  const text = textOf(head).trimStart();
  if (text === '') throw new LinnetError('data.empty', `${name} holds nothing but blanks`);
  if (text.startsWith('{')) {
    // The first line may be a record as well as a whole answer of PurpleAir's API, or the beginning of one.
    if (named === 'jsonl') return named;
    return /"(?:fields|data)"\s*:\s*\[/.test(text) || !isWholeObject(text) ? 'purpleair' : 'jsonl';
  }
  if (named !== undefined) return named;
  if (/^[^\0]+$/.test(text) && /^[^\n]*[,;\t|]/.test(text) && !text.startsWith('[')) return 'csv';
  throw new LinnetError(
    'data.invalid',
    `${name} is none of PurpleAir's JSON, CSV, JSON lines and Parquet; --format says which if it is one after all`,
  );
}

function isWholeObject(text: string): boolean {
  return jsonErrorOffset(text.slice(0, /\r?\n|$/.exec(text)?.index)) === undefined;
}
