import type { HistoryReader } from '@linnet/connectors/history';
import { textTable } from '../text-table.ts';

/** What a history holds: its metrics, and each sensor with its readings and their span. */
export function listHistory(reader: HistoryReader, json: boolean): string {
  const metrics = reader.channels();
  const sensors = reader.extents().map(({ sensor, readings, from, to }) => ({
    sensor,
    readings,
    first: new Date(from).toISOString(),
    last: new Date(to).toISOString(),
  }));
  if (json) return `${JSON.stringify({ metrics, sensors })}\n`;
  const table = textTable(
    [
      { title: 'sensor', align: 'left' },
      { title: 'readings', align: 'right' },
      { title: 'first', align: 'left' },
      { title: 'last', align: 'left' },
    ],
    sensors.map(({ sensor, readings, first, last }) => [
      String(sensor),
      readings.toLocaleString('en'),
      first,
      last,
    ]),
  );
  return `metrics: ${metrics.join(', ') || 'none'}\n${table}`;
}
