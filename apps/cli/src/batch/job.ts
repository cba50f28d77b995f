/** What the batch job is asked for and what it finds: plain data, so that it can cross to a worker thread. */
import type { NumberColumn, Table, TableFormat } from '@linnet/connectors/file';

export const imputers = ['knn', 'mean', 'none'] as const;
export const detectors = ['isolation-forest', 'zscore'] as const;
export const outputs = ['text', 'json', 'csv'] as const;

/** How to find the anomalies. */
export interface Method {
  readonly impute: (typeof imputers)[number];
  readonly neighbors: number;
  readonly detector: (typeof detectors)[number];
  readonly trees: number;
  /** Share of anomalies to expect, or the method's own limit. */
  readonly contamination: number | 'auto';
  /** Isolation forest: a score below it is an anomaly. Z-score: a |z| above it is. */
  readonly threshold: number | undefined;
  readonly seed: number;
}

export interface BatchOptions extends Method {
  /** A path, `-` or an address; PurpleAir's API when it is not given. */
  readonly file: string | undefined;
  readonly format: TableFormat | undefined;
  readonly columns: readonly string[] | undefined;
  readonly all: boolean;
  readonly output: (typeof outputs)[number];
  readonly out: string | undefined;
  readonly plot: string | undefined;
}

/** What is done when the command line says nothing else. */
export const BATCH_DEFAULTS: BatchOptions = {
  file: undefined,
  format: undefined,
  impute: 'knn',
  neighbors: 5,
  detector: 'isolation-forest',
  trees: 100,
  contamination: 0.01,
  threshold: undefined,
  seed: 42,
  columns: undefined,
  all: false,
  output: 'text',
  out: undefined,
  plot: undefined,
};

/** A matrix to look at, and how. */
export interface Job {
  readonly method: Method;
  /** rows × columns, row-major; missing is NaN. */
  readonly x: Float64Array<ArrayBuffer>;
  readonly rows: number;
  readonly columns: number;
}

/** A column that sets a row apart: its value, and what is usual in the fleet. */
export interface Reason {
  /** Position among the job's columns. */
  readonly column: number;
  readonly value: number;
  /** The 1st and the 99th percentile of all rows. */
  readonly low: number;
  readonly high: number;
}

export interface Detection {
  /** The job's matrix with what was missing filled in. */
  readonly x: Float64Array<ArrayBuffer>;
  /** Cells that were filled in. */
  readonly imputed: number;
  readonly scores: Float64Array<ArrayBuffer>;
  /** 1 where the row is an anomaly. */
  readonly anomalous: Uint8Array<ArrayBuffer>;
  /** The score at which an anomaly begins. */
  readonly offset: number;
  /** Rows that are anomalies, with the reasons, strongest first. */
  readonly reasons: ReadonlyMap<number, readonly Reason[]>;
  readonly seconds: { readonly impute: number; readonly fit: number; readonly score: number };
}

/** A table with what was found in it. */
export interface BatchResult {
  readonly table: Table;
  /** The columns that were scored. */
  readonly features: readonly NumberColumn[];
  readonly method: Method;
  readonly detection: Detection;
  /** Anomalies in the order of the input. */
  readonly anomalies: readonly number[];
  readonly readSeconds: number;
}
