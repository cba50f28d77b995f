/** Air whose smoke and whose broken sensors are known: simulated, or real air with faults and smoke put in. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { csv } from 'linnet';
import {
  addPlume,
  applyFault,
  Chance,
  drawFault,
  drawPlume,
  sensorFaults,
  simulateAir,
  type AirSeries,
} from '@linnet/core/simulate';

/** Readings with what they were before anything was done to them. */
export interface Case {
  readonly series: readonly AirSeries[];
  readonly region: (sensor: string) => string;
  readonly withoutSmoke: readonly AirSeries[];
  readonly withoutFaults: readonly AirSeries[];
  /** Where the air itself was above so many µg/m³ nobody knows why: such windows are not judged. */
  readonly unknownAbove?: number;
}

export function simulatedCase(seed: number, sensors = 40, days = 90): Case {
  const { series, sensors: placed, without } = simulateAir({ sensors, days, seed, keep: true });
  const regions = new Map(placed.map(({ id, region }) => [id, region]));
  return {
    series,
    region: (sensor) => regions.get(sensor) as string,
    withoutSmoke: without?.smoke ?? [],
    withoutFaults: without?.faults ?? [],
  };
}

/** Not in the repository: its licence is not stated. */
export const HISTORY = join(
  import.meta.dirname,
  '../../../shared/data/purpleair-history/troy-2022-07..2023-05.csv.gz',
);

export function historyIsThere(): boolean {
  return existsSync(HISTORY);
}

/** The readings of a file of PurpleAir's history layout, a series a sensor. */
export async function readHistory(path: string): Promise<AirSeries[]> {
  const columns = {
    id: 'text',
    time_stamp: 'number',
    'pm2.5_cf_1_a': 'number',
    'pm2.5_cf_1_b': 'number',
  } as const;
  const source = csv(path, { columns });
  const reader = source.open({ limit: Infinity });
  const rows = new Map<string, { times: number[]; a: number[]; b: number[] }>();
  for (let block = await reader.read(); block !== null; block = await reader.read()) {
    for (const { id, time_stamp: stamp, 'pm2.5_cf_1_a': a, 'pm2.5_cf_1_b': b } of source.decode(block.payload)
      .items) {
      const own = rows.get(id ?? '') ?? { times: [], a: [], b: [] };
      rows.set(id ?? '', own);
      own.times.push((stamp ?? NaN) * 1000);
      own.a.push(a ?? NaN);
      own.b.push(b ?? NaN);
    }
  }
  await reader.close();
  return [...rows].map(([sensor, { times, a, b }]) => ({
    sensor,
    times: Float64Array.from(times),
    a: Float64Array.from(a),
    b: Float64Array.from(b),
  }));
}

const [DAY, FAULTS_A_SENSOR, PLUMES] = [86_400_000, 6, 5];

/** Real air with smoke and faults put into it by chance; what else is odd about it counts as what it was. */
export function injected(real: readonly AirSeries[], seed: number): Case {
  const chance = new Chance(seed, 'injected');
  const series = real.map(copyOf);
  const from = Math.min(...real.map(({ times }) => times[0] as number));
  const to = Math.max(...real.map(({ times }) => times.at(-1) as number));
  // Smoke comes where most sensors report: in the last third.
  for (let number = 0; number < PLUMES; number++) {
    const plume = drawPlume(
      to - ((to - from) / 4) * ((number + chance.uniform(0.2, 0.8)) / PLUMES) - 3 * DAY,
      chance,
    );
    for (const own of series) {
      const place = new Chance(seed, `place of ${own.sensor}`);
      addPlume(
        own,
        plume,
        { x: place.uniform(-8, 8), y: place.uniform(-8, 8) },
        new Chance(seed, `${number} ${own.sensor}`),
      );
    }
  }
  const withoutFaults = series.map(copyOf);
  for (const own of series) {
    const length = (own.times.at(-1) as number) - (own.times[0] as number);
    for (let number = 0; number < FAULTS_A_SENSOR; number++) {
      const part = (number + chance.uniform(0.2, 0.6)) / FAULTS_A_SENSOR;
      const kind = chance.one(sensorFaults);
      const fault = drawFault(own.sensor, kind, (own.times[0] as number) + part * length, chance);
      applyFault(own, fault, new Chance(seed, `fault ${number} of ${own.sensor}`));
    }
  }
  return { series, region: () => 'troy', withoutSmoke: real, withoutFaults, unknownAbove: 50 };
}

function copyOf({ sensor, times, a, b }: AirSeries): AirSeries {
  return { sensor, times, a: a.slice(), b: b.slice() };
}
