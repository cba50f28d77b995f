import { median, type SensorReadings } from './readings.ts';
import type { Region } from './region.ts';

/** What a sensor of a region usually does; plain data. */
export interface Habit {
  /** Logarithm of its level over its region's. */
  ratio: number;
  /** How far that goes up and down. */
  spread: number;
  /** Windows that it was learned from. */
  windows: number;
  /** Windows since it last reported. */
  silent: number;
}

export type Habits = Record<string, Habit>;

/** Keeps a level of nearly nothing from making ratios wild. */
const FLOOR = 4;
const LEARNED_MIN = 4;
const MEMORY_WINDOWS = 30;
const SENSORS_MIN = 3;
/** A sensor that is silent for longer has been taken down. */
const SILENT_MAX = 6;

/** Logarithm of a sensor's level over its region's in a window; NaN where too few report to tell whose level it is. */
export function levelRatio(own: SensorReadings, region: Region): number {
  if (region.sensors < SENSORS_MIN) return NaN;
  const ratios = own.slots.map((value, slot) =>
    Math.log((value + FLOOR) / ((region.levels[slot] as number) + FLOOR)),
  );
  return median(ratios);
}

/** True for a level that is neither the region's nor the sensor's own usual one beside it. */
export function isStrangeLevel(ratio: number, habit: Habit | undefined, limit: number): boolean {
  if (Number.isNaN(ratio)) return false;
  if (habit === undefined || habit.windows < LEARNED_MIN) return Math.abs(ratio) > 1.4 * limit;
  return Math.abs(ratio - habit.ratio) > Math.max(limit, 5 * habit.spread);
}

/** Learns a window in which nothing was wrong with a sensor. */
export function learnHabit(habits: Habits, sensor: string, ratio: number): void {
  const habit = (habits[sensor] ??= { ratio: 0, spread: 0, windows: 0, silent: 0 });
  habit.silent = 0;
  if (Number.isNaN(ratio)) return;
  habit.windows++;
  const weight = 1 / Math.min(habit.windows, MEMORY_WINDOWS);
  const away = Math.abs(ratio - habit.ratio);
  if (habit.windows > 1) habit.spread += weight * (away - habit.spread);
  habit.ratio += weight * (ratio - habit.ratio);
}

/** Known sensors that gave nothing in this window though they did not long ago. */
export function silentSensors(habits: Habits, reporting: ReadonlySet<string>): string[] {
  const silent: string[] = [];
  for (const [sensor, habit] of Object.entries(habits)) {
    if (reporting.has(sensor)) {
      habit.silent = 0;
      continue;
    }
    habit.silent++;
    if (habit.silent > SILENT_MAX) delete habits[sensor];
    else if (habit.windows >= LEARNED_MIN) silent.push(sensor);
  }
  return silent.toSorted();
}
