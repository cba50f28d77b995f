import type { HistoryReader } from '@linnet/connectors/history';
import { textTable } from '../text-table.ts';

interface ListOptions {
  readonly sensor: readonly string[];
  readonly output?: string;
}

/** What a history holds: its metrics, and each sensor (or those that are asked for) with its readings and their span. */
export function listHistory(reader: HistoryReader, { sensor: wanted, output }: ListOptions): string {
  const asked = new Set(wanted);
  const metrics = reader.channels();
  const extents = reader.extents().filter(({ sensor }) => asked.size === 0 || asked.has(String(sensor)));
  const sensors = extents.map(({ sensor, readings, from, to }) => ({
    sensor,
    readings,
    first: new Date(from).toISOString(),
    last: new Date(to).toISOString(),
  }));
  if (output === 'json') return `${JSON.stringify({ metrics, sensors })}\n`;
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
