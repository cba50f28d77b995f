/**
 * A table in columns: what every batch reader gives, whatever the format.
 */

/** Formats that hold a whole table. */
export const tableFormats = ['purpleair', 'csv', 'jsonl', 'parquet'] as const;
export type TableFormat = (typeof tableFormats)[number];

/** A column whose values are all numbers; missing is NaN. */
export interface NumberColumn {
  readonly name: string;
  readonly kind: 'number';
  readonly values: Float64Array;
}

/** A column that holds something else somewhere: text, flags, times, lists. Missing is null. */
export interface OtherColumn {
  readonly name: string;
  readonly kind: 'other';
  readonly values: readonly unknown[];
}

export type Column = NumberColumn | OtherColumn;

export interface Table {
  /** File or address, as it should be named in a message. */
  readonly name: string;
  readonly format: TableFormat;
  readonly columns: readonly Column[];
  readonly rows: number;
  /** Records that could not be used, not among `rows`. */
  readonly skipped: number;
  /** What was skipped and where it began, in a sentence, if anything was. */
  readonly skippedNote: string | undefined;
  /** Sentences on what else a reader of the table should know. */
  readonly notes: readonly string[];
}

/** Bytes to read a table from. */
export interface TableSource {
  readonly name: string;
  readonly bytes: Uint8Array;
}
