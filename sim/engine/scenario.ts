/** The input and the settings of one simulated run, all from one seed. */
import type { Chance } from '../world.ts';

/** What a device measured. It may be delivered more than once; each delivery has an id of its own. */
export interface Reading {
  readonly reading: number;
  readonly sensor: string;
  readonly region: string;
  /** Event time; NaN, 1970 or far ahead where the device's clock is wrong. */
  readonly time: number;
}

export type WindowKind = 'tumbling' | 'sliding' | 'session' | 'count';

export interface Scenario {
  /** By source and partition, in the order in which they were written. */
  readonly sources: readonly (readonly (readonly Reading[])[])[];
  /** Processing time stands still over bounded sources, and passes while others are read. */
  readonly bounded: boolean;
  readonly watermark: 'source' | 'key';
  readonly window: WindowKind;
  readonly ordered: boolean;
  readonly latenessMs: number;
  readonly idleMs: number;
  readonly commitMs: number;
  /** How likely a read takes records out of their order, and how likely it delivers one again. */
  readonly shuffled: number;
  readonly repeated: number;
  /** Worker threads that a life may have; 0 runs without threads. */
  readonly workers: readonly number[];
  /** Workers may share the blocks of its sources by the sensor. */
  readonly shares: boolean;
}

export const START = 1_700_000_000_000;
export const LENGTH_MS = 1000;
export const EVERY_MS = 400;
export const GAP_MS = 150;
export const COUNT = 3;
export const TOTAL_MS = 2000;
export const MAX_FUTURE_MS = 3_600_000;

export function makeScenario(chance: Chance): Scenario {
  const bounded = chance.holds(0.5);
  const latenessMs = chance.pick([0, 100, 500]);
  const sources = makeSources(chance, latenessMs, bounded && chance.holds(0.3) ? 2 : 1);
  return {
    sources,
    // No draw of its own, so that every other one stays what it was.
    shares: sources.flat(2).length % 2 === 0,
    bounded,
    watermark: chance.holds(0.3) ? 'key' : 'source',
    window: chance.pick(['tumbling', 'sliding', 'session', 'count'] as const),
    ordered: chance.holds(0.7),
    latenessMs,
    idleMs: bounded ? 86_400_000 : chance.pick([100, 400, 5000]),
    commitMs: chance.pick([0, 50, 200]),
    shuffled: chance.pick([0, 0, 0.2]),
    repeated: chance.pick([0, 0, 0.05]),
    workers: chance.pick([[0], [0], [0], [0, 2], [1, 2, 3]]),
  };
}

/** Readings about 50 ms apart. Each is written out of order by up to the lateness, to the millisecond; some by much more. */
function makeSources(chance: Chance, latenessMs: number, count: number): Reading[][][] {
  const sources = Array.from({ length: count }, () =>
    Array.from({ length: 1 + chance.int(3) }, (): { reading: Reading; written: number }[] => []),
  );
  const readings = 20 + chance.int(50);
  const veryLate = chance.pick([0, 0, 0.1]);
  // Readings at the same instant are rare in life, and where order breaks first.
  const grain = chance.pick([1, 1, 50]);
  for (let i = 0; i < readings; i++) {
    const sensor = chance.int(7);
    const time = START + Math.floor((i * 50 + chance.int(50)) / grain) * grain;
    const delay = chance.holds(0.3) ? latenessMs : chance.int(latenessMs + 1);
    const late = chance.holds(veryLate) ? latenessMs + 1 + chance.int(3000) : delay;
    const reading = { reading: i, sensor: `s${sensor}`, region: `r${sensor % 3}`, time: stamp(chance, time) };
    const partitions = sources[sensor % count] as { reading: Reading; written: number }[][];
    partitions[sensor % partitions.length]?.push({ reading, written: time + late });
  }
  return sources.map((partitions) =>
    partitions.map((list) => list.toSorted((a, b) => a.written - b.written).map(({ reading }) => reading)),
  );
}

/** Now and then what a broken clock says. */
function stamp(chance: Chance, time: number): number {
  return chance.holds(0.02) ? chance.pick([NaN, 0, 86_400_000, START + 20 * 31_536_000_000]) : time;
}
