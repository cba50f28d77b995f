/** Readings from standard input, a model for each sensor, and an alert for each reading that is strange. */
import { csv, flow, halfSpaceTrees, print } from 'linnet';

const air = flow('alerts');
air
  .source('in', csv('-', { columns: { sent: 'number', sensor: 'text', pm25: 'number' } }))
  .keyBy('sensor', ({ sensor }) => sensor ?? '')
  .model(
    'detect',
    halfSpaceTrees({
      features: ['pm25'],
      limits: { pm25: [0, 1200] },
      trees: 4,
      height: 3,
      window: 50,
      seed: 11,
    }),
  )
  .filter('strange', ({ score, ready, value: { pm25 } }) => ready && (score ?? 0) > 0.7 && (pm25 ?? 0) > 50)
  .map('alert', ({ value: { sent } }) => ({ sent }))
  .sink('alerts', print());
export default air;
