/**
 * Readings of sensors and their calibrations from a second topic, joined in every way, and a state that expires. The second
 * topic's messages have keys of another kind, so that its records must change lane.
 */
import { flow, jsonLines, session, sliding, table, tumbling } from 'linnet';

export interface Reading {
  readonly sensor: string;
  readonly at: number;
  readonly value: number;
}

export interface Calibration {
  readonly id: string;
  readonly sensor: string;
  readonly at: number;
  readonly factor: number;
}

const joined = flow('joined');
const readings = joined
  .source('readings', jsonLines<Reading>(process.env['READINGS'] ?? '-'))
  .eventTime('reading-time', { at: ({ at }) => at, lateness: '10s' })
  .keyBy('reading-sensor', ({ sensor }) => sensor);
const calibrations = joined
  .source('calibrations', jsonLines<Calibration>(process.env['CALIBRATIONS'] ?? '-'))
  .eventTime('calibration-time', { at: ({ at }) => at, lateness: '10s' })
  .keyBy('calibration-sensor', ({ sensor }) => sensor);

readings.join('inner', calibrations, { within: { before: '20s', after: '5s' } }).sink('inner-pairs', table());
readings.leftJoin('left', calibrations, { within: '3s' }).sink('left-pairs', table());
readings
  .window(tumbling({ length: '30s' }))
  .join('tumbling', calibrations)
  .sink('tumbling-pairs', table());
readings
  .window(sliding({ length: '20s', every: '10s' }))
  .leftJoin('sliding', calibrations)
  .sink('sliding-pairs', table());
readings
  .window(session({ gap: '4s' }))
  .join('session', calibrations)
  .sink('session-pairs', table());
const calibrated = readings.asOfJoin('as-of', calibrations, { tolerance: '1m' });
calibrated.sink('as-of-pairs', table());
// A window by another key behind a join: what the join says of time must hold there.
calibrated
  .keyBy('hall', ({ left }) => `hall ${left.sensor.length}`)
  .window(tumbling({ length: '1m' }))
  .fold('hall-sum', {
    initial: () => ({ count: 0, sum: 0 }),
    fold: ({ count, sum }, { left, right }) => ({
      count: count + 1,
      sum: sum + left.value * (right?.factor ?? 0),
    }),
  })
  .sink('halls', table());
// A state that is forgotten when its sensor was silent for long, and begins anew.
readings
  .stateful(
    'count',
    {
      initial: () => ({ n: 0 }),
      step: (state, { sensor, at }) => ({ sensor, at, n: ++state.n }),
    },
    { ttl: '30s' },
  )
  .sink('counts', table());
export default joined;
