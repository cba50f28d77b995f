import { PREDICTORS, type LinkConfig, type PredictorName } from '@linnet/core/transmit';
import type { Chance } from '../world.ts';

export interface Scenario {
  readonly link: LinkConfig;
  readonly predictor: PredictorName | 'auto';
  /** Messages that the gateway keeps to send again. */
  readonly keep: number;
  /** What the sensors show, an array of channels an instant; NaN is nothing. */
  readonly rows: readonly Float64Array[];
  /** Channels with an anomaly, by instant. */
  readonly alerts: ReadonlyMap<number, number>;
  /** Parts of the messages that are lost, doubled and late. */
  readonly loss: number;
  readonly doubled: number;
  readonly lateMax: number;
  /** Instants in which nothing passes, first and last. */
  readonly outage: readonly [first: number, last: number];
  /** How probable it is that a gateway which dies loses its disk, too. */
  readonly diskLoss: number;
}

const DAY = 720;

export function makeScenario(chance: Chance): Scenario {
  const channels = 1 + chance.int(4);
  const deadline = chance.pick([0, 1, 4, 7]);
  const wholeDay = chance.holds(0.1);
  const instants = (wholeDay ? DAY + 100 : 40) + chance.int(160);
  const epsilon = chance.pick([0.1, 0.5, 2]);
  const start = chance.int(instants);
  return {
    link: {
      channels: Array.from({ length: channels }, (_, j) => ({ name: `s${j}`, epsilon })),
      startMs: 0,
      everyMs: 1000,
      deadline,
      heartbeat: deadline + 1 + chance.int(20),
      tolerance: 0,
    },
    predictor: chance.pick([...PREDICTORS.filter((name) => name !== 'lstm'), 'auto' as const]),
    keep: chance.holds(0.2) ? 3 : 1024,
    rows: walk(chance, channels, instants, epsilon),
    alerts: new Map(
      Array.from({ length: chance.int(6) }, () => [chance.int(instants), chance.int(channels)] as const),
    ),
    loss: chance.pick([0, 0.05, 0.4]),
    doubled: chance.pick([0, 0.3]),
    lateMax: chance.pick([0, 3, 15]),
    outage: wholeDay ? [start, start + DAY] : [start, start + chance.int(30)],
    diskLoss: chance.pick([0, 0.3]),
  };
}

function walk(chance: Chance, channels: number, instants: number, epsilon: number): Float64Array[] {
  const values = Array.from({ length: channels }, () => chance.next() * 30);
  const wild = chance.pick([0.3, 1, 4]) * epsilon;
  const missing = chance.pick([0, 0.1, 0.5]);
  return Array.from({ length: instants }, () =>
    Float64Array.from(values, (value, j) => {
      values[j] = value + (chance.next() - 0.5) * wild + (chance.holds(0.02) ? 10 * epsilon : 0);
      return chance.holds(missing) ? Number.NaN : (values[j] as number);
    }),
  );
}
