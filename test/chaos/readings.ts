/** The readings that the cases feed: reading `i` is always the same. */
export interface Reading {
  readonly sensor: string;
  readonly region: string;
  readonly at: number;
  readonly value: number;
}

const START = 1_700_000_000_000;
const SENSORS = 60;

export function reading(i: number, sensors = SENSORS): Reading {
  return { sensor: `s${(i * 7) % sensors}`, region: `r${i % 7}`, at: START + i * 50, value: i % 1000 };
}

export function readings(count: number, sensors?: number): Reading[] {
  return Array.from({ length: count }, (_, i) => reading(i, sensors));
}
