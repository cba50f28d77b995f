/** Every kind of state that a recovery store holds; its stored fixtures must load for ever, so neither ids nor settings may change. */
import {
  countWindow,
  flow,
  halfSpaceTrees,
  jsonLines,
  print,
  session,
  sliding,
  standardScaler,
  table,
  tumbling,
  type KeyedStream,
} from 'linnet';

interface Reading {
  readonly id: number;
  readonly sensor: string;
  readonly time: number;
  readonly value: number;
}

const limits: Record<string, [number, number]> = { value: [0, 100] };
const detector = halfSpaceTrees({ features: ['value'], limits, trees: 4, height: 3, window: 10, seed: 11 });

const built = flow('formats');
const keyed = built
  .source('in', jsonLines<Reading>(process.env['INPUT'] ?? ''))
  .eventTime('time', { at: ({ time }) => time, lateness: '10m' })
  .keyBy('sensor', ({ sensor }) => sensor);

keyed
  .transform('scale', standardScaler({ features: ['value'] }))
  .model('detect', detector, { features: ({ value }) => value * 10 + 50 })
  .stateful('count', {
    initial: () => ({ n: 0, seen: new Set<number>(), last: new Map<string, Date>() }),
    step(state, { value, score }) {
      state.n++;
      state.seen.add(value.id % 5);
      const before = state.last.get('time');
      state.last.set('time', new Date(value.time));
      return ['count', value.id, state.n, state.seen.size, before?.getTime() ?? null, score];
    },
  })
  .sink('counts', print());

keyed
  .stateful(
    'expiring',
    { initial: () => [0], step: (state, { id }) => ['expiring', id, ++(state[0] as number)] },
    { ttl: '25m' },
  )
  .sink('expiring-out', table());

// A numeric key, which is another than its text.
const byNumber = keyed.keyBy('number', ({ id }) => id % 3);
shown(byNumber.window(tumbling({ length: '30m' })).collect('tumbling'), 'tumbling-out');
shown(byNumber.window(sliding({ length: '30m', every: '10m' })).collect('sliding'), 'sliding-out');
shown(byNumber.window(session({ gap: '4m' })).collect('session'), 'session-out');
shown(byNumber.window(countWindow({ size: 7 })).collect('sevens'), 'sevens-out');

const [lefts, rights] = [
  keyed.filter('lefts', ({ id }) => id % 2 === 0),
  keyed.filter('rights', ({ id }) => id % 2 === 1),
];
lefts
  .leftJoin('interval', rights, { within: '5m' })
  .map('interval-ids', ({ left, right }) => ['interval', left.id, right?.id ?? null])
  .sink('interval-out', print());
lefts
  .asOfJoin('as-of', rights, { tolerance: '20m' })
  .map('as-of-ids', ({ left, right }) => ['as-of', left.id, right?.id ?? null])
  .sink('as-of-out', print());
lefts
  .window(tumbling({ length: '20m' }))
  .join('windowed', rights)
  .map('windowed-ids', ({ window, value }) => ['windowed', window.start, value.left.id, value.right.id])
  .sink('windowed-out', print());

function shown(
  windows: KeyedStream<
    number,
    { key: number; window: { id: number; start: number; end: number }; value: Reading[] }
  >,
  id: string,
): void {
  windows
    .map(`${id}-ids`, ({ key, window, value }) => [id, key, window, value.map((reading) => reading.id)])
    .sink(id, print());
}

export default built;
