import { LinnetError, type Series } from '@linnet/core';
import { AtomicFile, writeFileAtomic } from './write-file-atomic.ts';

const LINES_AT_ONCE = 4096;

/**
 * How a series is written, by the file's ending: `time` in ISO UTC, then a column a sensor; missing is empty.
 * @throws LinnetError `usage` for an ending that is neither .csv nor .parquet
 */
export function seriesWriter(path: string): (series: Series) => void | Promise<void> {
  if (path.endsWith('.csv')) return (series) => writeCsv(path, series);
  if (path.endsWith('.parquet')) return (series) => writeParquet(path, series);
  throw new LinnetError('usage', `--out ${path}: the file's name must end in .csv or .parquet`);
}

function writeCsv(path: string, { times, sensors, columns }: Series): void {
  const file = new AtomicFile(path);
  let text = `time,${sensors.join(',')}\n`;
  times.forEach((time, row) => {
    text += new Date(time).toISOString();
    for (const column of columns) {
      const value = column[row] as number;
      text += Number.isNaN(value) ? ',' : `,${value}`;
    }
    text += '\n';
    if (row % LINES_AT_ONCE > 0) return;
    file.write(text);
    text = '';
  });
  file.write(text);
  file.commit();
}

async function writeParquet(path: string, { times, sensors, columns }: Series): Promise<void> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'time', data: Array.from(times, (time) => new Date(time)), type: 'TIMESTAMP' },
      ...sensors.map((name, i) => ({
        name,
        data: Array.from(columns[i] as Float64Array, (value) => (Number.isNaN(value) ? null : value)),
        type: 'DOUBLE' as const,
      })),
    ],
  });
  writeFileAtomic(path, new Uint8Array(bytes));
}
