/** Readings for ever, at a steady rate: models and states a key, windows, a table, and a history that is kept small. */
import { flow, halfSpaceTrees, history, table, tumbling, type Source } from 'linnet';

interface Reading {
  readonly sensor: string;
  readonly time: number;
  readonly value: number;
}

const SENSORS = 2000;
/** One reading of each sensor ten times a second. */
const EVERY_MS = 100;
/** Event time goes faster than the clock, so that windows close all the time. */
const EVENT_MS = 10_000;
const START = Date.now() - 30 * 86_400_000;

const endless: Source<Reading> = {
  kind: 'endless',
  name: 'readings for ever',
  bounded: false,
  open({ from, limit }) {
    let round = typeof from === 'number' ? from : 0;
    let due = performance.now();
    return {
      async read() {
        if (round * SENSORS >= limit) return null;
        due += EVERY_MS;
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
        const items = Array.from({ length: SENSORS }, (_, id) => reading(round, id));
        return { payload: { items }, first: round * SENSORS, offset: ++round };
      },
      close: () => Promise.resolve(),
    };
  },
  decode: (payload) => ({
    items: 'items' in payload ? (payload.items as readonly Reading[]) : [],
    positions: null,
    rejected: [],
  }),
};

/** Some are out of order, and some too late for their window. */
function reading(round: number, id: number): Reading {
  const noise = (Math.imul(round * SENSORS + id, 2654435761) >>> 0) / 2 ** 32;
  const behind = noise > 0.999 ? 7_200_000 : noise * 20_000;
  const value = 20 + 10 * Math.sin(round / 500 + id) + Math.round(noise * 50) / 10;
  return { sensor: `sensor ${id}`, time: START + round * EVENT_MS - behind, value };
}

const scored = flow('soak')
  .source('in', endless)
  .eventTime('time', { at: ({ time }) => time, lateness: '1m' })
  .keyBy('sensor', ({ sensor }) => sensor)
  .model(
    'detect',
    halfSpaceTrees({ features: ['value'], limits: { value: [0, 60] }, trees: 4, height: 3, window: 50 }),
  );
scored.sink(
  'history',
  history({
    sensor: ({ value }) => value.sensor,
    time: ({ value }) => value.time,
    metrics: { value: ({ value }) => value.value },
    score: ({ score }) => score,
    anomaly: ({ score, ready }) => ready && score !== null && score > 0.95,
    size: '20MB',
  }),
);
scored
  .keyBy('region', ({ value }) => Number(value.sensor.slice(7)) % 20)
  .window(tumbling({ length: '1h' }))
  .count('counts')
  .sink('windows', table());

export default scored.flow;
