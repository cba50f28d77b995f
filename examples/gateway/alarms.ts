/** What detectors say, and how it is counted. */
import type { Episode } from './faults.ts';

export interface Alarm {
  readonly row: number;
  readonly sensor: number;
}

/** Alarms of a sensor at most half an hour apart are one event. */
const APART = 15;
/** A detector that looks at windows may tell an episode when its last row is about to leave the window. */
const LATE = 4;

export function countEvents(alarms: readonly Alarm[]): number {
  const last = new Map<number, number>();
  let events = 0;
  for (const { row, sensor } of alarms.toSorted((a, b) => a.row - b.row)) {
    if (row - (last.get(sensor) ?? -Infinity) > APART) events++;
    last.set(sensor, row);
  }
  return events;
}

/** Whether an alarm names a sensor of the episode while it lasts. */
export function finds(alarms: readonly Alarm[], { sensors, start, end }: Episode): boolean {
  return alarms.some(({ row, sensor }) => sensors.includes(sensor) && row >= start && row < end + LATE);
}
