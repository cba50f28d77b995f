import type { Reading } from './flow.ts';

/** Readings of 211 sensors, out of order by less than the flow's lateness. */
export function readings(count: number): Reading[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    sensor: `s${(id * 31) % 211}`,
    time: 1_700_000_000_000 + id * 50 - ((id * 7919) % 30_000),
    value: (id * id) % 101,
  }));
}
