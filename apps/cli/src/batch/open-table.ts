import { LinnetError } from '@linnet/core';
import { readFileBytes, readStreamBytes, readTable, type Table } from '@linnet/connectors/file';
import type { BatchOptions } from './job.ts';

/** Reads the table that the command line names: a file, standard input, an address, or PurpleAir's API. */
export async function openTable(
  { file, format }: Pick<BatchOptions, 'file' | 'format'>,
  say: (sentence: string) => void,
): Promise<Table> {
  if (file === '-') {
    return readTable({ name: 'standard input', bytes: await readStreamBytes(process.stdin) }, format);
  }
  const scheme = /^(\w{2,}):\/\//.exec(file ?? '')?.[1]?.toLowerCase();
  if (file !== undefined && scheme === undefined) {
    return readTable({ name: file, bytes: readFileBytes(file) }, format);
  }
  if (file !== undefined && (!/^https?$/.test(scheme ?? '') || !URL.canParse(file))) {
    throw new LinnetError(
      'io.not-found',
      `${file} is no address that can be fetched: write it as https://host/path`,
    );
  }
  const { fetchBytes, fetchPurpleAir, isPurpleAirApi } = await import('@linnet/connectors/http');
  const options = { onRetry: say };
  const isPurpleAir = format === 'purpleair' || (file !== undefined && isPurpleAirApi(file, process.env));
  const bytes =
    file === undefined || isPurpleAir
      ? await fetchPurpleAir(process.env, file, options)
      : await fetchBytes(file, options);
  return readTable({ name: file ?? "PurpleAir's API", bytes }, format);
}
