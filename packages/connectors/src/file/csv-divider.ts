import type { BytesPayload, Rejected, ShareColumn } from '@linnet/core/engine';
import { lineDivider, ownerOfField, type DividedLines, type LineOwners } from '@linnet/core/kernels';
import { readCsvHead } from './csv-head.ts';
import { CsvScanner } from './csv-scanner.ts';

const [LF, QUOTE] = [0x0a, 0x22];

/** Puts the lines of a block apart by the worker that owns the key in one of their fields. */
export class CsvDivider {
  readonly head: string;
  private readonly names: readonly string[];
  private readonly delimiter: number;
  private readonly scanner: CsvScanner;
  private readonly divideLines = lineDivider();

  constructor(head: string, shown: string) {
    const { names, delimiter } = readCsvHead(head, shown);
    this.head = head;
    this.names = names;
    this.delimiter = delimiter;
    this.scanner = new CsvScanner(delimiter);
  }

  /** @returns by worker; what is no record is told to the first. Valid until the next call. */
  divide(block: Uint8Array, { column, numeric }: ShareColumn, workers: number): BytesPayload[] {
    const { head, names, delimiter } = this;
    const width = names.length;
    // A column that is none of the file's may be anything: records go to their owner in the end.
    const key = Math.max(0, names.indexOf(column));
    const owners = { delimiter, width, key, numeric, workers };
    // A Buffer looks for a byte faster than other arrays of bytes, most of all in memory that threads have in common.
    const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
    const rejected: Rejected[] = [];
    const { parts, wrong } = bytes.includes(QUOTE)
      ? this.divideQuoted(bytes, owners, rejected)
      : this.divideLines(bytes, owners);
    for (let i = 0; i < wrong.length; i += 2)
      rejected.push(wrongLength(wrong[i] as number, wrong[i + 1] as number, width));
    return parts.map((part, worker) => ({ head, ...part, ...(worker === 0 && { rejected }) }));
  }

  /** As `divideLines`, where fields may be in quotes. */
  private divideQuoted(bytes: Buffer, owners: LineOwners, rejected: Rejected[]): DividedLines {
    const { scanner } = this;
    const parts = Array.from({ length: owners.workers }, () => ({
      lines: [] as Uint8Array[],
      places: [] as number[],
    }));
    const wrong: number[] = [];
    scanner.reset(bytes);
    for (;;) {
      const { at, lines } = scanner;
      if (!scanner.next()) break;
      if (scanner.problem !== '') {
        rejected.push({ at: lines, why: scanner.problem });
      } else if (scanner.length === owners.width) {
        const [start, end] = [scanner.starts[owners.key] as number, scanner.ends[owners.key] as number];
        const part = parts[ownerOfField(bytes, start, end, owners)];
        part?.lines.push(bytes.subarray(at, scanner.at));
        if (scanner.at > bytes.length) part?.lines.push(Uint8Array.of(LF));
        part?.places.push(lines);
      } else if (scanner.length > 0) {
        wrong.push(lines, scanner.length);
      }
    }
    return {
      parts: parts.map(({ lines, places }) => ({
        bytes: Buffer.concat(lines),
        places: Int32Array.from(places),
      })),
      wrong: Int32Array.from(wrong),
    };
  }
}

export function wrongLength(at: number, fields: number, width: number): Rejected {
  return { at, why: `it has ${fields} fields, not ${width}` };
}
