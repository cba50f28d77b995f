/** Every third reading goes to a topic of another cluster, and to one of the run's own, with the key of the flow. */
import { flow, jsonLines, kafkaTopic } from 'linnet';
import type { Reading } from './flow.ts';

const elsewhere = flow('elsewhere');
const thirds = elsewhere
  .source('in', jsonLines<Reading>('-'))
  .eventTime('time', { at: ({ at }) => at, lateness: '10s' })
  .keyBy('sensor', ({ sensor }) => sensor)
  .stateful('count', {
    initial: () => ({ n: 0 }),
    step: (state, { sensor, value }) => ({ sensor, value, n: ++state.n }),
  })
  .filter('third', ({ n }) => n % 3 === 0);
const brokers = process.env['ELSEWHERE'];
thirds.sink('far', kafkaTopic({ topic: 'thirds', ...(brokers !== undefined && { brokers }) }));
thirds.sink('near', kafkaTopic({ topic: 'thirds' }));
export default elsewhere;
