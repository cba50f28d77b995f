import { LinnetError } from '@linnet/core';
import { ColumnBuilder, notesOn } from './column-builder.ts';
import { decodeText } from './decode-text.ts';
import { parseJson } from './parse-json.ts';
import type { Table, TableSource } from './table.ts';

/**
 * Reads one JSON object a line. Columns are every key, in the order in which they first occur; a key that a line lacks
 * is missing there. Empty lines are passed over.
 * @throws LinnetError `data.invalid` naming the line and byte, `data.empty` when there is no object
 */
export function jsonlTable(source: TableSource): Table {
  const { name } = source;
  const text = decodeText(source);
  const builders = new Map<string, ColumnBuilder>();
  let [rows, line] = [0, 0];
  for (let start = 0; start < text.length;) {
    line++;
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(start, end);
    start = end + 1;
    if (content.trim() === '') continue;
    for (const [key, value] of Object.entries(parseObject(content, `${name} line ${line}`))) {
      let builder = builders.get(key);
      if (builder === undefined) builders.set(key, (builder = new ColumnBuilder(key, rows)));
      // A key that lines before did not have is behind by as many rows.
      if (builder.length < rows) builder.padTo(rows);
      builder.push(value);
    }
    rows++;
  }
  if (rows === 0) throw new LinnetError('data.empty', `${name} holds no record`);
  const columns = [...builders.values()].map((builder) => {
    builder.padTo(rows);
    return builder.finish();
  });
  return {
    name,
    format: 'jsonl',
    columns,
    rows,
    skipped: 0,
    skippedNote: undefined,
    notes: notesOn([...builders.values()]),
  };
}

function parseObject(content: string, where: string): object {
  const value = parseJson(content, where);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  const hint = Array.isArray(value) ? "; `jq -c '.[]'` makes one object a line of a list" : '';
  throw new LinnetError('data.invalid', `${where} is not an object but ${kindOf(value)}${hint}`);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
