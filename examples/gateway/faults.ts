/** Faults and attacks put into measured columns: each takes a copy and says where it worked. */

export const FAULTS = ['spike', 'stuck', 'drift', 'swapped', 'replay'] as const;
export type Fault = (typeof FAULTS)[number];

/** Instants from `start` to before `end` at which `sensors` are not what was measured. */
export interface Episode {
  readonly fault: Fault;
  readonly sensors: readonly number[];
  readonly start: number;
  readonly end: number;
}

const DAY = 720;
/** Instants that a fault lasts, of two minutes each. */
const LENGTH: Readonly<Record<Fault, number>> = { spike: 1, stuck: 60, drift: 120, swapped: 60, replay: 120 };
const SPIKE_DEGREES = 3;
const DRIFT_DEGREES = 3;

/** One fault at `start` of a sensor; the columns are changed in place. */
export function inject(
  columns: readonly Float64Array[],
  fault: Fault,
  sensor: number,
  start: number,
): Episode {
  const end = start + LENGTH[fault];
  const other = (sensor + 1) % columns.length;
  const [column, partner] = [columns[sensor] as Float64Array, columns[other] as Float64Array];
  const before = column.slice();
  for (let i = start; i < end; i++) {
    const value = before[i] as number;
    if (fault === 'spike') column[i] = value + SPIKE_DEGREES;
    else if (fault === 'stuck') column[i] = before[start] as number;
    else if (fault === 'drift') column[i] = value + (DRIFT_DEGREES * (i - start + 1)) / (end - start);
    else if (fault === 'replay') column[i] = before[i - DAY] as number;
    else {
      column[i] = partner[i] as number;
      partner[i] = value;
    }
  }
  return { fault, sensors: fault === 'swapped' ? [sensor, other] : [sensor], start, end };
}
