import { closeSync, openSync, writeSync } from 'node:fs';
import { airLines, simulateAir } from 'linnet';
import type { Reading } from './flow.ts';

/** Readings of 211 sensors, out of order by less than the flow's lateness. */
export function readings(count: number, first = 0): Reading[] {
  return Array.from({ length: count }, (_, i) => {
    const id = first + i;
    const sensor = (id * 31) % 211;
    return {
      id,
      sensor: `s${sensor}`,
      time: 1_700_000_000_000 + id * 50 - ((id * 7919) % 30_000),
      value: (id * id) % 101,
      latitude: 42.7 + sensor / 1000,
      longitude: -73.7 - sensor / 1000,
      humidity: 30 + ((id * 13) % 50),
    };
  });
}

/** Writes them as JSON lines; says how many. */
export function writeReadings(path: string, count: number): number {
  const file = openSync(path, 'w');
  for (let first = 0; first < count; first += 10_000) {
    const some = readings(Math.min(10_000, count - first), first);
    writeSync(file, some.map((reading) => `${JSON.stringify(reading)}\n`).join(''));
  }
  closeSync(file);
  return count;
}

const DAYS = 90;
/** A reading every ten minutes, and some that are missing. */
const READINGS_A_SENSOR = DAYS * 143;

/** Writes the sample of the smoke example as CSV, with at least so many readings; says how many. */
export function writeSmokeReadings(path: string, count: number): number {
  const sensors = Math.max(4, Math.ceil(count / READINGS_A_SENSOR));
  const file = openSync(path, 'w');
  let lines = 0;
  for (const chunk of airLines(simulateAir({ sensors, days: DAYS, seed: 1 }), 'csv')) {
    writeSync(file, chunk);
    for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', at + 1)) lines++;
  }
  closeSync(file);
  return lines - 1;
}
