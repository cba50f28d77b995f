import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { LinnetError } from '@linnet/core';
import { ColumnBuilder, notesOn } from './column-builder.ts';
import { requireUnique } from './require-unique.ts';
import type { Table, TableSource } from './table.ts';

/** Snappy comes with hyparquet, the rest with Node. */
const compressors = {
  GZIP: (input: Uint8Array) => gunzipSync(input),
  BROTLI: (input: Uint8Array) => brotliDecompressSync(input),
  ZSTD: (input: Uint8Array) => zstdDecompressSync(input),
};

/**
 * Reads Apache Parquet: uncompressed, or by snappy, gzip, brotli or zstd. Times become ISO text; 64-bit integers become
 * numbers, or text where a double would change one.
 * @throws LinnetError `data.invalid` when it is no Parquet or is damaged, `data.empty` when it has no row
 */
export async function parquetTable({ name, bytes }: TableSource): Promise<Table> {
  const { parquetMetadata, parquetRead, parquetSchema } = await import('hyparquet');
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  try {
    const metadata = parquetMetadata(file);
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    requireUnique(names, name);
    const rows = Number(metadata.num_rows);
    if (rows === 0) throw new LinnetError('data.empty', `${name} holds no record`);
    const builders = new Map(names.map((column) => [column, new ColumnBuilder(column)]));
    const chunks = new Map(
      names.map((column) => [column, [] as { rowStart: number; values: ArrayLike<unknown> }[]]),
    );
    await parquetRead({
      file,
      metadata,
      compressors,
      onChunk: ({ columnName, columnData, rowStart }) =>
        chunks.get(columnName)?.push({ rowStart, values: columnData }),
    });
    for (const [column, parts] of chunks) {
      const builder = builders.get(column) as ColumnBuilder;
      for (const { values } of parts.toSorted((a, b) => a.rowStart - b.rowStart)) {
        for (let row = 0; row < values.length; row++) builder.push(plain(values[row]));
      }
    }
    const columns = [...builders.values()].map((builder) => builder.finish());
    return {
      name,
      format: 'parquet',
      columns,
      rows,
      skipped: 0,
      skippedNote: undefined,
      notes: notesOn([...builders.values()]),
    };
  } catch (cause) {
    if (cause instanceof LinnetError) throw cause;
    throw new LinnetError(
      'data.invalid',
      `${name} is not Parquet or is damaged: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** A value as JSON can hold it. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  return value;
}
