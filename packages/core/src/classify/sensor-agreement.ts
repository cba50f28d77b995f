import { isStrangeLevel, learnHabit, levelRatio, silentSensors, type Habits } from './agreement/habits.ts';
import { bySensor, type ChannelReading, type SensorReadings } from './agreement/readings.ts';
import { regionOf } from './agreement/region.ts';
import { ownSigns, type Sign, type SignLimits } from './agreement/signs.ts';
import { smokeReadings, type SmokeAt, type SmokeLimits } from './agreement/smoke.ts';

export type { ChannelReading, Habits, Sign };

export interface AgreementOptions extends Partial<SmokeLimits>, Partial<SignLimits> {
  /** How far from its region a sensor's level may be, as a logarithm. */
  readonly level?: number;
  /** Slots in which sensors are compared. */
  readonly slotMs?: number;
}

/** A sensor that is taken for broken, and why. */
export interface BrokenSensor {
  readonly sensor: string;
  readonly signs: readonly Sign[];
  /** Its readings above `pm` that are not smoke. */
  readonly values: readonly number[];
  /** Event time of its first reading in the window; the window's start where it gave none. */
  readonly first: number;
}

/** The smoke of a window. */
export interface SmokeEvent {
  readonly sensors: readonly string[];
  /** Readings above `pm` that the region bears out, in time order. */
  readonly values: readonly number[];
  /** Event time of the first of them. */
  readonly first: number;
  /** The greatest part of the other sensors that agreed. */
  readonly agreement: number;
  /** Time from the first sensor in it to the last, in milliseconds. */
  readonly lagMs: number;
}

export interface AgreementVerdict {
  /** Sensors that reported. */
  readonly reporting: number;
  readonly smoke: SmokeEvent | null;
  readonly broken: readonly BrokenSensor[];
}

const [MINUTE, HOUR] = [60_000, 3_600_000];
const SMOKE: SmokeLimits = {
  pm: 50,
  raised: 0.5,
  likeness: 0.2,
  lagMs: 2 * HOUR,
  agreement: 0.5,
  readingsMin: 3,
  persistMs: HOUR,
};
const SIGNS: SignLimits = {
  channelGap: 8,
  channelRatio: 0.5,
  channelShare: 0.15,
  stuckMs: 2 * HOUR,
  jump: 60,
  noise: 4,
  silence: 0.7,
};
const LEVEL = 0.65;

/**
 * Smoke or broken sensors, from all readings of a region in a window: what `smokeRule` does not look at.
 *
 * Smoke is what the sensors of a region bear out for each other: a reading above `pm` counts where at that time, give or take the
 * lag of a front that crosses the region, half of the others that report are raised too. A sensor alone in its region must stay
 * above for an hour. A sensor is broken where its channels disagree, its value is held, it jumps as air does not, it is rougher
 * than its neighbours, falls silent while they report, or its level leaves both its region and its own habit; its readings
 * bear out nobody's.
 *
 * Use it with two or more sensors a region; alone it knows channels, held values and jumps. A high reading that neither the
 * neighbours nor a sign explains (a fire next door) is neither smoke nor broken.
 *
 * The function takes a window's readings and the region's habits, which it changes: keep them by region as a step's state. Nothing
 * after the window is looked at. Cost: a sort a sensor.
 */
export function sensorAgreement(
  options: AgreementOptions = {},
): (
  readings: readonly ChannelReading[],
  window: { readonly start: number; readonly end: number },
  habits: Habits,
) => AgreementVerdict {
  const { level = LEVEL, slotMs = 30 * MINUTE, ...given } = options;
  const smokeLimits: SmokeLimits = { ...SMOKE, ...given };
  const signLimits: SignLimits = { ...SIGNS, ...given };
  return (readings, { start, end }, habits) => {
    const slotting = { start, slotMs, count: Math.max(1, Math.ceil((end - start) / slotMs)) };
    const all = bySensor(readings, slotting);
    const region = regionOf(all);
    const judged = all.map((own) => {
      const signs = ownSigns(own, region, signLimits, slotting);
      const ratio = levelRatio(own, region);
      if (isStrangeLevel(ratio, habits[own.sensor], level)) signs.add('level');
      return { own, signs, ratio };
    });
    const sound = judged.filter(({ signs }) => signs.size === 0 || onlySilent(signs)).map(({ own }) => own);
    const smoke = smokeReadings(sound, smokeLimits, slotting);
    const silent = silentSensors(habits, new Set(all.map(({ sensor }) => sensor)));
    for (const { own, signs, ratio } of judged) {
      if (signs.size === 0 && smoke.length === 0) learnHabit(habits, own.sensor, ratio);
    }
    const broken = judged
      .filter(({ signs }) => signs.size > 0)
      .map(({ own, signs }) => brokenSensor(own, signs, smokeLimits.pm));
    const gone = silent.map((sensor) => ({ sensor, signs: ['silence'] as const, values: [], first: start }));
    return { reporting: all.length, smoke: eventOf(smoke, all), broken: [...broken, ...gone] };
  };
}

function onlySilent(signs: ReadonlySet<Sign>): boolean {
  return signs.size === 1 && signs.has('silence');
}

function brokenSensor(
  { sensor, times, values }: SensorReadings,
  signs: ReadonlySet<Sign>,
  pm: number,
): BrokenSensor {
  return {
    sensor,
    signs: [...signs],
    values: Array.from(values.filter((value) => value > pm)),
    first: times[0] as number,
  };
}

function eventOf(smoke: readonly SmokeAt[], all: readonly SensorReadings[]): SmokeEvent | null {
  if (smoke.length === 0) return null;
  const readings = smoke
    .flatMap(({ sensor, readings: places }) => {
      const own = all.find((other) => other.sensor === sensor) as SensorReadings;
      return places.map((place) => ({
        time: own.times[place] as number,
        value: own.values[place] as number,
      }));
    })
    .toSorted((one, other) => one.time - other.time);
  const onsets = smoke.map(({ sensor, readings: places }) => {
    const own = all.find((other) => other.sensor === sensor) as SensorReadings;
    return own.times[places[0] as number] as number;
  });
  return {
    sensors: smoke.map(({ sensor }) => sensor),
    values: readings.map(({ value }) => value),
    first: (readings[0] as { time: number }).time,
    agreement: smoke.reduce((most, { agreement }) => Math.max(most, agreement), 0),
    lagMs: onsets.reduce((last, onset) => Math.max(last, onset), -Infinity) - Math.min(...onsets),
  };
}
