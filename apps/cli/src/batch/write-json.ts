import { inputColumns, rowsToWrite } from './cells.ts';
import type { BatchResult } from './job.ts';

const CHUNK = 65_536;

/** One object a line: the record, then `anomaly` (-1 or 1), `score` and `why`. */
export function* jsonLines(result: BatchResult, all: boolean): Generator<string> {
  const { detection, features } = result;
  const columns = inputColumns(result).map(({ name, at }) => ({ key: `${JSON.stringify(name)}:`, at }));
  let chunk = '';
  for (const row of rowsToWrite(result, all)) {
    let line = '{';
    for (const { key, at } of columns) line += `${key}${JSON.stringify(at(row))},`;
    const score = detection.scores[row] as number;
    const why = (detection.reasons.get(row) ?? []).map(({ column, value, low, high }) => ({
      column: features[column]?.name,
      value,
      low,
      high,
    }));
    chunk += `${line}"anomaly":${detection.anomalous[row] === 1 ? -1 : 1},"score":${JSON.stringify(score)},"why":${JSON.stringify(why)}}\n`;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
