/** The input, the flow and the oracle of one simulated run, all from one seed. */
import {
  flow,
  session,
  sliding,
  table,
  tumbling,
  type FlowSteps,
  type Sink,
  type Source,
  type SourceBlock,
  type Windower,
} from '@linnet/core';
import type { Chance, World } from '../world.ts';

export interface Reading {
  /** The oracle's own identity of a record; the engine knows nothing of it. */
  readonly id: number;
  readonly sensor: string;
  readonly region: string;
  readonly time: number;
}

export interface Scenario {
  readonly partitions: readonly (readonly Reading[])[];
  readonly window: 'tumbling' | 'sliding' | 'session';
  readonly latenessMs: number;
}

export interface Counted {
  readonly id: number;
  readonly sensor: string;
  readonly n: number;
}

export interface Gathered {
  readonly region: string;
  readonly start: number;
  readonly end: number;
  readonly ids: readonly number[];
}

const START = 1_700_000_000_000;
export const LENGTH_MS = 1000;
export const EVERY_MS = 400;
export const GAP_MS = 150;

/** Readings at different times; each arrives out of order by up to the lateness, to the millisecond. */
export function makeScenario(chance: Chance): Scenario {
  const latenessMs = chance.pick([0, 100, 500]);
  const count = 20 + chance.int(60);
  const partitions = Array.from(
    { length: 1 + chance.int(3) },
    (): { reading: Reading; arrival: number }[] => [],
  );
  for (let id = 0; id < count; id++) {
    const sensor = chance.int(7);
    const time = START + id * 50 + chance.int(50);
    const reading = { id, sensor: `s${sensor}`, region: `r${sensor % 3}`, time };
    const delay = chance.holds(0.3) ? latenessMs : chance.int(latenessMs + 1);
    partitions[sensor % partitions.length]?.push({ reading, arrival: time + delay });
  }
  return {
    partitions: partitions.map((list) =>
      list.toSorted((a, b) => a.arrival - b.arrival).map(({ reading }) => reading),
    ),
    window: chance.pick(['tumbling', 'sliding', 'session'] as const),
    latenessMs,
  };
}

/** The flow: a state a sensor, a re-key, windows, a table and a sink outside. */
export function makeFlow(scenario: Scenario, source: Source<Reading>, alerts: Sink<Gathered>): FlowSteps {
  const counted = flow('simulated')
    .source('in', source)
    .eventTime('time', { at: ({ time }) => time, lateness: scenario.latenessMs, idle: '1d' })
    .keyBy('sensor', ({ sensor }) => sensor)
    .stateful('count', {
      initial: () => ({ n: 0 }),
      step: (state, reading) => ({ ...reading, n: ++state.n }),
    });
  counted.map('counted', ({ id, sensor, n }): Counted => ({ id, sensor, n })).sink('counts', table());
  const windows = counted
    .keyBy('region', ({ region }) => region)
    .window(windowerOf(scenario))
    .collect('windows')
    .map('gathered', ({ key, window, value }): Gathered => ({
      region: key,
      start: window.start,
      end: window.end,
      ids: value.map(({ id }) => id),
    }));
  windows.sink('table', table());
  windows.sink('alerts', alerts);
  return counted.flow;
}

function windowerOf({ window }: Scenario): Windower {
  if (window === 'tumbling') return tumbling({ length: LENGTH_MS, align: START }) as Windower;
  if (window === 'sliding') return sliding({ length: LENGTH_MS, every: EVERY_MS, align: START }) as Windower;
  return session({ gap: GAP_MS }) as Windower;
}

/** A source over the partitions that begins where it is told, in blocks of any size, partitions in any turn. */
export function makeSource({ partitions }: Scenario, world: World): Source<Reading> {
  const { chance } = world;
  return {
    kind: 'simulated',
    name: 'simulated',
    bounded: true,
    open({ from }) {
      const at = [...((from as readonly number[] | undefined) ?? partitions.map(() => 0))];
      const read = (): SourceBlock | null => {
        world.effect('source read');
        // A partition that is empty from the start still has to say that it ended.
        const open = partitions.flatMap((own, index) => ((at[index] as number) <= own.length ? [index] : []));
        if (open.length === 0) return null;
        const partition = chance.pick(open);
        const own = partitions[partition] as readonly Reading[];
        const first = at[partition] as number;
        const items = own.slice(first, first + 1 + chance.int(6));
        const ended = first + items.length >= own.length;
        at[partition] = ended ? own.length + 1 : first + items.length;
        return { payload: { items }, first, partition, ended, offset: [...at] };
      };
      return {
        partitions: partitions.length,
        read: () => Promise.resolve().then(read),
        close: () => Promise.resolve(),
      };
    },
    decode: (payload) => ({
      items: 'items' in payload ? (payload.items as Reading[]) : [],
      positions: null,
      rejected: [],
    }),
  };
}
