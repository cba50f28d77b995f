/** The bundled snapshot as a matrix, for benchmarks and for tests against the numbers of scikit-learn. */
import { readFileSync } from 'node:fs';

export interface Matrix {
  /** Row-major; missing is NaN. */
  readonly x: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

const read = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));

interface Golden {
  readonly columns: string[];
  readonly imputed: [row: number, column: number, value: number][];
  readonly offset_: number;
  readonly anomalies_rows: number[];
  readonly lowest100: [row: number, sensor: number, score: number][];
  readonly every100: number[];
  readonly sum_scores: number;
  readonly without_sensor_index: {
    readonly n_anomalies: number;
    readonly offset_: number;
    readonly score_row100: number;
    readonly score_row127: number;
    readonly every1000: number[];
  };
}

/** What scikit-learn 1.9.1 makes of the snapshot. */
export const golden = (): Golden => read('golden/purpleair_batch.json') as Golden;

/** The numeric columns: all fields but date_created. */
export function snapshot(): Matrix {
  const { fields, data } = read('examples/purpleair/data.json') as { fields: string[]; data: unknown[][] };
  const wanted = golden().columns.map((name) => fields.indexOf(name));
  const x = data.flatMap((row) => wanted.map((at) => (row[at] == null ? NaN : Number(row[at]))));
  return { x: Float64Array.from(x), rows: data.length, columns: wanted.length };
}

/** The snapshot with the gaps filled as scikit-learn's KNNImputer does. */
export function imputedSnapshot(): Matrix {
  const matrix = snapshot();
  for (const [row, column, value] of golden().imputed) matrix.x[row * matrix.columns + column] = value;
  return matrix;
}

export function withoutFirstColumn({ x, rows, columns }: Matrix): Matrix {
  return { x: x.filter((_, i) => i % columns > 0), rows, columns: columns - 1 };
}
