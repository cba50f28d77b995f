/** Every tenth reading of a sensor with its number, and windows of a region: a reading lost, doubled or out of turn shows in both. */
import { flow, jsonLines, table, tumbling } from 'linnet';
import type { Reading } from './readings.ts';

const chaos = flow('chaos');
const counted = chaos
  .source('in', jsonLines<Reading>(process.env['INPUT'] ?? '-'))
  .eventTime('time', { at: ({ at }) => at, lateness: '10s', idle: process.env['IDLE'] ?? '1h' })
  .keyBy('sensor', ({ sensor }) => sensor)
  .stateful('count', {
    initial: () => ({ n: 0, sum: 0 }),
    step: (state, reading) => {
      state.n++;
      state.sum += reading.value;
      if (reading.value < 0) throw new RangeError(`value ${reading.value}`);
      return { ...reading, n: state.n, sum: state.sum };
    },
  });

counted
  .filter('tenth', ({ n }) => n % 10 === 0)
  .map('numbered', ({ sensor, n, sum }) => ({ sensor, n, sum }))
  .sink('tenths', table());
counted
  .keyBy('region', ({ region }) => region)
  .window(tumbling({ length: '1m' }))
  .fold('total', {
    initial: () => ({ records: 0, sum: 0 }),
    fold: ({ records, sum }, { n }) => ({ records: records + 1, sum: sum + n }),
  })
  .map('result', ({ key, window, value }) => ({ region: key, start: window.start, ...value }))
  .sink('windows', table());
export default chaos;
