/** A flow with a state a sensor, a re-key and windows; a reading of a negative value makes its step throw. */
import { flow, jsonLines, table, tumbling } from 'linnet';

export interface Reading {
  readonly sensor: string;
  readonly region: string;
  readonly at: number;
  readonly value: number;
}

export default flow('counting')
  .source('in', jsonLines<Reading>(process.env['INPUT'] ?? '-'))
  .eventTime('time', { at: ({ at }) => at, lateness: '10s' })
  .keyBy('sensor', ({ sensor }) => sensor)
  .stateful('count', {
    initial: () => ({ n: 0 }),
    step: (state, reading) => {
      state.n++;
      if (reading.value < 0) throw new RangeError(`value ${reading.value}`);
      return { ...reading, n: state.n };
    },
  })
  .keyBy('region', ({ region }) => region)
  .window(tumbling({ length: '1m' }))
  .fold('sum', {
    initial: () => ({ records: 0, sum: 0 }),
    fold: ({ records, sum }, { n }) => ({ records: records + 1, sum: sum + n }),
  })
  .map('result', ({ key, window, value }) => ({ region: key, start: window.start, ...value }))
  .sink('windows', table());
