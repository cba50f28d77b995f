import { inputColumns, RESULT_COLUMNS, rowsToWrite, sentenceOf } from './cells.ts';
import type { BatchResult } from './job.ts';

const CHUNK = 65_536;

/** RFC 4180: a header, the record, then `anomaly`, `score` and `why`; missing is empty. */
export function* csvLines(result: BatchResult, all: boolean): Generator<string> {
  const { detection } = result;
  const columns = inputColumns(result);
  let chunk = line([...columns.map(({ name }) => name), ...RESULT_COLUMNS]);
  for (const row of rowsToWrite(result, all)) {
    chunk += line([
      ...columns.map(({ at }) => at(row)),
      detection.anomalous[row] === 1 ? -1 : 1,
      detection.scores[row],
      sentenceOf(result, detection.reasons.get(row)),
    ]);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

function line(values: readonly unknown[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

function csvField(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
