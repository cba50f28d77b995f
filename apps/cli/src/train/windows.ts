import { interpolateColumn, LinnetError, type Series } from '@linnet/core';

/** Which rows and windows a model learns from, and which it never sees. */
export interface Split {
  /** Rows in the order in which windows are cut from them. */
  readonly columns: readonly Float64Array[];
  readonly trainRows: number;
  readonly testRows: number;
  /** Rows at which windows start. */
  readonly learned: Int32Array;
  readonly validated: Int32Array;
  readonly tested: Int32Array;
}

/**
 * Cuts a series into rows to train on and rows to test on, and both into windows. A window counts when the row after its
 * last one exists, as in the source: `rows - lookBack` windows to reconstruct.
 * @param ahead rows after a window that it needs: 1 to reconstruct, the horizon to forecast
 * @param order the rows' order, where they are shuffled
 * @throws LinnetError `data.invalid` when a part is too short for windows
 */
export function splitSeries(
  series: Series,
  {
    split,
    validation,
    lookBack,
    ahead,
  }: { split: number; validation: number; lookBack: number; ahead: number },
  order?: Int32Array,
): Split {
  const rows = series.times.length;
  const trainRows = Math.floor(rows * split);
  const testRows = rows - trainRows;
  const windows = (count: number): number => count - lookBack - ahead + 1;
  const train = windows(trainRows);
  const learned = Math.floor(train * (1 - validation));
  if (learned < 1 || train - learned < 1 || windows(testRows) < 1) {
    throw new LinnetError(
      'data.invalid',
      `${rows} rows split at ${split} are too few for windows of ${lookBack} rows to learn, validate and test`,
    );
  }
  const columns =
    order === undefined
      ? series.columns
      : series.columns.map((column) => Float64Array.from(order, (row) => column[row] as number));
  const from = (start: number, count: number): Int32Array =>
    Int32Array.from({ length: count }, (_, i) => start + i);
  return {
    columns,
    trainRows,
    testRows,
    learned: from(0, learned),
    validated: from(learned, train - learned),
    tested: from(trainRows, windows(testRows)),
  };
}

/**
 * The series with its gaps filled on lines, and its beginning with the first value; counts what was filled.
 * @throws LinnetError `data.empty` when a sensor has no value at all
 */
export function filledSeries(series: Series): { series: Series; filled: number } {
  let filled = 0;
  const columns = series.columns.map((column, i) => {
    const missing = column.filter(Number.isNaN).length;
    if (missing === 0) return column;
    if (missing === column.length) {
      throw new LinnetError(
        'data.empty',
        `sensor ${series.sensors[i]} has no value: drop it, see prepare --drop-empty`,
      );
    }
    filled += missing;
    const copy = column.slice();
    interpolateColumn(copy);
    const first = copy.findIndex((value) => !Number.isNaN(value));
    return copy.fill(copy[first] as number, 0, first);
  });
  return { series: { ...series, columns }, filled };
}
