import { closeSync, openSync, writeSync } from 'node:fs';
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

/** Writes them as JSON lines. */
export function writeReadings(path: string, count: number): void {
  const file = openSync(path, 'w');
  for (let first = 0; first < count; first += 10_000) {
    const some = readings(Math.min(10_000, count - first), first);
    writeSync(file, some.map((reading) => `${JSON.stringify(reading)}\n`).join(''));
  }
  closeSync(file);
}
