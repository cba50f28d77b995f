import { median, roughness, type SensorReadings } from './readings.ts';

/** What a region's sensors have in common in a window: medians over them, which no single one moves. */
export interface Region {
  readonly sensors: number;
  /** Of each slot; NaN where no sensor reported. */
  readonly levels: Float64Array;
  readonly roughness: number;
  /** Readings of a sensor. */
  readonly readings: number;
}

export function regionOf(all: readonly SensorReadings[]): Region {
  const slots = all[0]?.slots.length ?? 0;
  const column = new Float64Array(all.length);
  const levels = new Float64Array(slots);
  for (let slot = 0; slot < slots; slot++) {
    all.forEach((own, index) => (column[index] = own.slots[slot] as number));
    levels[slot] = median(column);
  }
  return {
    sensors: all.length,
    levels,
    roughness: median(Float64Array.from(all, roughness)),
    readings: median(Float64Array.from(all, ({ times }) => times.length)),
  };
}
