/** How a table of readings is written. */
export type ColumnFormat = 'csv' | 'json' | 'parquet';

/** Some rows of a table, as columns; missing is NaN. */
export interface ColumnRows {
  /** What the rows are of: the same for all of them. */
  readonly sensor: string | number;
  /** Epoch milliseconds. */
  readonly time: Float64Array;
  /** One for each name that the writer was given, in that order. */
  readonly columns: readonly Float64Array[];
}

export interface ColumnWriter {
  write(rows: ColumnRows): Promise<void>;
  /** Must be called last. */
  finish(): Promise<void>;
}

/** By name of a column, what stands for its numbers, where they are codes: `_status` 2 is `predicted`. */
export type ColumnWords = Readonly<Record<string, (value: number) => string>>;

export type Put = (chunk: string | Uint8Array) => void | Promise<void>;
