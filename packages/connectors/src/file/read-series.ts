import { LinnetError, type Series } from '@linnet/core';
import { readFileBytes } from './read-file.ts';
import { readTable } from './read-table.ts';

/**
 * Reads a table as `prepare` writes it: a column `time`, then a column of numbers a sensor, rows evenly spaced.
 * @throws LinnetError `data.invalid` naming the column or row that is not so
 */
export async function readSeries(path: string): Promise<Series> {
  const { columns, rows } = await readTable({ name: path, bytes: await readFileBytes(path) });
  const time = columns.find(({ name }) => name === 'time');
  if (time === undefined) throw new LinnetError('data.invalid', `${path} has no column time`);
  const times = Float64Array.from({ length: rows }, (_, row) => instantOf(time.values[row]));
  const step = (times[1] as number) - (times[0] as number);
  for (let row = 0; row < rows; row++) {
    const good = !Number.isNaN(times[row]) && (row === 0 || times[row] === (times[row - 1] as number) + step);
    if (good && (rows === 1 || step > 0)) continue;
    throw new LinnetError(
      'data.invalid',
      `${path}, row ${row + 1}: time does not rise evenly; see linnet prepare`,
    );
  }
  const sensors = columns.filter((column) => column !== time);
  const values = sensors.map((column) => {
    if (column.kind === 'number') return column.values;
    throw new LinnetError('data.invalid', `${path}: column ${column.name} holds something that is no number`);
  });
  if (values.length === 0) throw new LinnetError('data.invalid', `${path} has no column but time`);
  return { times, sensors: sensors.map(({ name }) => name), columns: values };
}

function instantOf(value: unknown): number {
  return typeof value === 'number' ? value : Date.parse(String(value));
}
