import type { BatchResult, Reason } from './job.ts';

/** Column names that the result adds to a record. */
export const RESULT_COLUMNS = ['anomaly', 'score', 'why'] as const;

export interface OutputColumn {
  readonly name: string;
  /** The value in a row, imputed where it was missing; null where it still is. */
  at(row: number): unknown;
}

/** The columns of the input in their order; those that the result itself writes are left to it. */
export function inputColumns({ table, features, detection }: BatchResult): OutputColumn[] {
  const width = features.length;
  const taken: readonly string[] = RESULT_COLUMNS;
  return table.columns
    .filter(({ name }) => !taken.includes(name))
    .map((column) => {
      const position = features.findIndex(({ name }) => name === column.name);
      if (position >= 0) {
        return { name: column.name, at: (row) => present(detection.x[row * width + position]) };
      }
      return { name: column.name, at: (row) => present(column.values[row]) };
    });
}

/** The rows to write, in the order of the input. */
export function rowsToWrite({ table, anomalies }: BatchResult, all: boolean): Iterable<number> {
  return all ? Array.from({ length: table.rows }).keys() : anomalies;
}

/** `pm1.0 2759.8 (usually 0 to 38.9)` for each reason; `range` is the word before the range. */
export function sentenceOf(
  { features }: BatchResult,
  reasons: readonly Reason[] = [],
  range = 'usually ',
): string {
  return reasons
    .map(({ column, value, low, high }) => {
      const name = features[column]?.name ?? '';
      return `${name} ${short(value)} (${range}${short(low)} to ${short(high)})`;
    })
    .join(', ');
}

/** A number in six significant digits, without an exponent where it can be had. */
export function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function present(value: unknown): unknown {
  return value === undefined || (typeof value === 'number' && Number.isNaN(value)) ? null : value;
}
