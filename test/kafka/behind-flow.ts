/** A step behind a window that fails on one of its results while `FAILS` is set. */
import { flow, jsonLines, table, tumbling } from 'linnet';
import type { Reading } from './flow.ts';

export default flow('behind')
  .source('in', jsonLines<Reading>(process.env['INPUT'] ?? '-'))
  .eventTime('time', { at: ({ at }) => at, lateness: '10s' })
  .keyBy('region', ({ region }) => region)
  .window(tumbling({ length: '1m' }))
  .fold('count', { initial: () => 0, fold: (count) => count + 1 })
  .map('result', ({ key, window, value }) => {
    if (process.env['FAILS'] !== undefined && key === 'r3') throw new Error('no r3 here');
    return { region: key, start: window.start, count: value };
  })
  .sink('windows', table());
