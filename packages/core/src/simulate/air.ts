import type { AirSeries, Span } from './air-series.ts';
import { Chance } from './chance.ts';
import { cleanSeries, weather } from './clean-air.ts';
import { addPlume, drawPlume, spanAt, type Place, type Plume } from './plume.ts';
import { applyFault, drawFault, sensorFaults, type SensorFault } from './sensor-fault.ts';

export interface AirOptions {
  readonly sensors: number;
  readonly days: number;
  /** The same seed gives the same air, to the bit. */
  readonly seed: number;
  /** Epoch milliseconds of the first reading. Default 2024-05-01T00:00Z. */
  readonly start?: number;
  /** Between two readings of a sensor. Default 10 minutes. */
  readonly intervalMs?: number;
  /** Keep what the readings were before smoke and before faults, to judge by. */
  readonly keep?: boolean;
}

/** A sensor on the map. */
export interface AirSensor {
  readonly id: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly region: string;
}

/** What was really there. */
export interface AirTruth {
  readonly seed: number;
  readonly sensors: readonly AirSensor[];
  readonly smoke: readonly (Plume & {
    /** When each sensor is in it. */
    readonly at: Readonly<Record<string, Span>>;
  })[];
  readonly faults: readonly SensorFault[];
}

export interface SimulatedAir {
  /** The same readings as they were without smoke, and as they were with it but with no sensor broken; where asked for. */
  readonly without?: { readonly smoke: readonly AirSeries[]; readonly faults: readonly AirSeries[] };
  readonly sensors: readonly AirSensor[];
  /** A sensor each, in the order of `sensors`; all have the same times. */
  readonly series: readonly AirSeries[];
  readonly truth: AirTruth;
}

const [HOUR, DAY] = [3_600_000, 86_400_000];
const START = Date.UTC(2024, 4, 1);
const [MIDDLE_LATITUDE, MIDDLE_LONGITUDE, KM_PER_DEGREE] = [43, -74, 111.32];
/** Half of the side of the land, in kilometres. */
const HALF_KM = 40;
const FAULTS_PER_SENSOR_DAY = 1 / 60;
const DAYS_BETWEEN_SMOKE = 30;

/**
 * A fleet of air sensors with two channels each, as PurpleAir has them: days and weather that all share, fires near by, smoke that
 * crosses the land on the wind, and sensors that break in every way of `sensorFaults`. What is smoke and what is broken is known.
 * Four regions lie about the middle: `north-east`, `north-west`, `south-west`, `south-east`.
 */
export function simulateAir({
  sensors: count,
  days,
  seed,
  start = START,
  intervalMs = 600_000,
  keep = false,
}: AirOptions): SimulatedAir {
  const times = Float64Array.from(
    { length: Math.floor((days * DAY) / intervalMs) },
    (_, i) => start + i * intervalMs,
  );
  const places = Array.from({ length: count }, (_, index) => placeOf(index, seed));
  const sensors = places.map((place, index) => sensorAt(place, index));
  const level = weather(times, seed);
  const series = sensors.map(({ id }) => cleanSeries(id, times, level, seed));
  const withoutSmoke = keep ? series.map(copyOf) : [];
  const plumes = plumesOf(days, start, seed);
  const smoke = plumes.map((plume, number) => {
    series.forEach((own, index) =>
      addPlume(own, plume, places[index] as Place, new Chance(seed, `smoke ${number} at ${own.sensor}`)),
    );
    const at = sensors.map(({ id }, index) => [id, spanAt(plume, places[index] as Place)] as const);
    return { ...plume, at: Object.fromEntries(at) };
  });
  const withoutFaults = keep ? series.map(copyOf) : [];
  const faults = faultsOf(sensors, days, start, seed);
  for (const [number, fault] of faults.entries()) {
    const own = series.find(({ sensor }) => sensor === fault.sensor) as AirSeries;
    applyFault(own, fault, new Chance(seed, `fault ${number}`));
  }
  const truth = { seed, sensors, smoke, faults };
  return { sensors, series, truth, ...(keep && { without: { smoke: withoutSmoke, faults: withoutFaults } }) };
}

function copyOf({ sensor, times, a, b }: AirSeries): AirSeries {
  return { sensor, times, a: a.slice(), b: b.slice() };
}

function placeOf(index: number, seed: number): Place {
  const chance = new Chance(seed, `place ${index}`);
  return { x: chance.uniform(-HALF_KM, HALF_KM), y: chance.uniform(-HALF_KM, HALF_KM) };
}

function sensorAt({ x, y }: Place, index: number): AirSensor {
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  const perLongitude = KM_PER_DEGREE * Math.cos((MIDDLE_LATITUDE * Math.PI) / 180);
  return {
    id: String(1001 + index),
    latitude: round(MIDDLE_LATITUDE + y / KM_PER_DEGREE),
    longitude: round(MIDDLE_LONGITUDE + x / perLongitude),
    region: `${y >= 0 ? 'north' : 'south'}-${x >= 0 ? 'east' : 'west'}`,
  };
}

/** At least one, and one a month or so. */
function plumesOf(days: number, start: number, seed: number): Plume[] {
  const chance = new Chance(seed, 'smoke');
  const count = Math.max(1, Math.round(days / DAYS_BETWEEN_SMOKE));
  return Array.from({ length: count }, (_, number) => {
    const part = (number + chance.uniform(0.3, 0.7)) / count;
    return drawPlume(start + part * days * DAY, chance);
  });
}

/** Faults of every kind in turn, so that a small fleet has each; two faults of a sensor never meet. */
function faultsOf(sensors: readonly AirSensor[], days: number, start: number, seed: number): SensorFault[] {
  const chance = new Chance(seed, 'faults');
  const count = Math.max(sensorFaults.length, Math.round(sensors.length * days * FAULTS_PER_SENSOR_DAY));
  const faults: SensorFault[] = [];
  for (let tries = 0; faults.length < count && tries < 20 * count; tries++) {
    const kind = sensorFaults[faults.length % sensorFaults.length] as SensorFault['kind'];
    // The first day is left whole: models warm up on it.
    const from = start + Math.min(DAY, (days * DAY) / 4) + chance.uniform(0, 1) * days * DAY * 0.95;
    const fault = drawFault(chance.one(sensors).id, kind, from, chance);
    const clash = faults.some(
      (other) =>
        other.sensor === fault.sensor &&
        other.from < fault.to + 12 * HOUR &&
        fault.from < other.to + 12 * HOUR,
    );
    if (!clash && fault.from < start + days * DAY) faults.push(fault);
  }
  return faults.toSorted((one, other) => one.from - other.from);
}
