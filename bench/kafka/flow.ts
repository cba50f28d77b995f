/** A forest a sensor, and one record in a hundred comes out: what the scenarios over Kafka run. */
import { flow, halfSpaceTrees, jsonLines, table } from 'linnet';
import type { Reading } from './readings.ts';

export default flow('bench')
  .source('in', jsonLines<Reading>('-'))
  .keyBy('sensor', ({ sensor }) => sensor)
  .model(
    'detect',
    halfSpaceTrees({ features: ['pm'], trees: 4, height: 3, window: 50, limits: { pm: [0, 50] } }),
  )
  .filter('one-in-a-hundred', ({ value }) => value.n % 100 === 0)
  .map('result', ({ value: { sensor, n }, score }) => ({ sensor, n, score }))
  .sink('out', table());
