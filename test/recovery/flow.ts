/** Records of a JSON lines file through a model a key, a state a key, a re-key and windows, into a table. */
import {
  flow,
  halfSpaceTrees,
  history,
  jsonLines,
  print,
  table,
  tumbling,
  type FlowSteps,
  type Source,
} from 'linnet';

export interface Reading {
  readonly id: number;
  readonly sensor: string;
  readonly time: number;
  readonly value: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly humidity: number;
}

const detector = halfSpaceTrees({
  features: ['value'],
  limits: { value: [0, 100] },
  trees: 4,
  height: 3,
  window: 50,
  seed: 11,
});

export function recoveryFlow(source: Source<Reading>): FlowSteps {
  const counted = flow('recovery')
    .source('in', source)
    .eventTime('time', { at: ({ time }) => time, lateness: '1m' })
    .keyBy('sensor', ({ sensor }) => sensor)
    .model('detect', detector)
    .stateful('count', {
      initial: () => ({ n: 0, sum: 0 }),
      step: (state, { value, score }) => {
        state.n++;
        state.sum += score ?? 0;
        const { id, sensor, time } = value;
        return { id, sensor, time, value: value.value, score, n: state.n, sum: state.sum };
      },
    });
  counted.sink(
    'history',
    history({
      sensor: ({ sensor }) => sensor,
      time: ({ time }) => time,
      metrics: { value: ({ value }) => value, id: ({ id }) => id },
      score: ({ score }) => score,
      anomaly: ({ score }) => score !== null && score > 0.7,
      file: false,
    }),
  );
  const scored = counted.filter('some', ({ id }) => id % 97 === 0);
  scored.sink('some-records', table());
  const sums = scored
    .keyBy('region', ({ sensor }) => `region ${Number(sensor.slice(1)) % 7}`)
    .window(tumbling({ length: '10m' }))
    .fold('sums', {
      initial: () => ({ count: 0, ids: 0 }),
      fold: (value, { id }) => ({ count: value.count + 1, ids: value.ids + id }),
    });
  sums.sink('windows', table());
  // Delivered by way of the outbox.
  sums.sink('printed', print());
  return scored.flow;
}

export default recoveryFlow(jsonLines<Reading>(process.env['INPUT'] ?? ''));
