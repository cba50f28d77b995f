import { within, type AirSeries, type Span } from './air-series.ts';
import type { Chance } from './chance.ts';

/** Smoke that crosses the land on the wind. */
export interface Plume extends Span {
  /** Added at the height of it, in µg/m³. */
  readonly peak: number;
  /** Where it goes: radians from east. */
  readonly heading: number;
  readonly kmPerHour: number;
  /** How long it takes to come and to go at one place. */
  readonly riseMs: number;
  readonly fallMs: number;
}

/** A place in kilometres from the middle of the land. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

const HOUR = 3_600_000;

/** Draws smoke that comes to the middle of the land at `from`, the first of it. */
export function drawPlume(from: number, chance: Chance): Plume {
  return {
    from,
    to: from + chance.uniform(10, 48) * HOUR,
    peak: chance.uniform(60, 300),
    heading: chance.uniform(0, 2 * Math.PI),
    kmPerHour: chance.uniform(12, 40),
    riseMs: chance.uniform(1, 4) * HOUR,
    fallMs: chance.uniform(3, 8) * HOUR,
  };
}

/** When the smoke is at a place: the front is straight, and as fast as the wind. */
export function spanAt({ from, to, heading, kmPerHour, fallMs }: Plume, { x, y }: Place): Span {
  const lag = ((x * Math.cos(heading) + y * Math.sin(heading)) / kmPerHour) * HOUR;
  return { from: from + lag, to: to + lag + fallMs };
}

/** Adds the smoke to a sensor's readings, in place; it swirls, a little otherwise at each place. */
export function addPlume(series: AirSeries, plume: Plume, place: Place, chance: Chance): void {
  const { times, a, b } = series;
  const span = spanAt(plume, place);
  const [start, end] = within(times, span);
  const share = Math.exp(0.2 * chance.normal());
  let swirl = 0;
  for (let i = start; i < end; i++) {
    const at = (times[i] as number) - span.from;
    const rising = Math.min(1, at / plume.riseMs);
    const falling = Math.min(1, (span.to - span.from - at) / plume.fallMs);
    swirl = 0.9 * swirl + 0.06 * chance.normal();
    const added = plume.peak * share * smooth(Math.min(rising, falling)) * Math.exp(swirl);
    a[i] = (a[i] as number) + added;
    b[i] = (b[i] as number) + added * (1 + 0.02 * chance.normal());
  }
}

/** From 0 to 1 without an edge at either end. */
function smooth(part: number): number {
  return part * part * (3 - 2 * part);
}
