import { gunzipSync } from 'node:zlib';
import { LinnetError } from '@linnet/core';
import { csvTable } from './csv-table.ts';
import { jsonlTable } from './jsonl-table.ts';
import { parquetTable } from './parquet-table.ts';
import { purpleairTable } from './purpleair-table.ts';
import { tableFormatOf } from './table-format.ts';
import type { Table, TableFormat, TableSource } from './table.ts';

const UNZIPPED_MAX = 2 ** 31;

const readers: Record<TableFormat, (source: TableSource) => Table | Promise<Table>> = {
  purpleair: purpleairTable,
  csv: csvTable,
  jsonl: jsonlTable,
  parquet: parquetTable,
};

/**
 * Reads a whole table from bytes; gzip is taken off first.
 * @param format found from name and content when it is not given
 * @throws LinnetError `data.invalid` naming the place, `data.empty` when there is no record
 */
export async function readTable(source: TableSource, format?: TableFormat): Promise<Table> {
  const plain = gunzip(source);
  if (plain.bytes.length === 0) throw new LinnetError('data.empty', `${source.name} is empty`);
  return readers[format ?? tableFormatOf(plain)](plain);
}

function gunzip(source: TableSource): TableSource {
  if (source.bytes[0] !== 0x1f || source.bytes[1] !== 0x8b) return source;
  try {
    return { name: source.name, bytes: gunzipSync(source.bytes, { maxOutputLength: UNZIPPED_MAX }) };
  } catch (cause) {
    throw new LinnetError('data.invalid', `${source.name} is damaged gzip: ${(cause as Error).message}`, {
      cause,
    });
  }
}
