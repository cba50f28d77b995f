import type { AirSeries } from './air-series.ts';
import { Chance } from './chance.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
/** Readings that do not arrive, as in a fleet on home networks. */
const LOST = 0.005;

/** The level of the air that all sensors share: slow weather, and people's mornings and evenings; natural logarithm of µg/m³. */
export function weather(times: Float64Array, seed: number): Float64Array {
  const chance = new Chance(seed, 'weather');
  const level = new Float64Array(times.length);
  let slow = chance.normal();
  for (let i = 0; i < times.length; i++) {
    const step = i === 0 ? 0 : (times[i] as number) - (times[i - 1] as number);
    const keep = Math.exp(-step / (36 * HOUR));
    slow = keep * slow + Math.sqrt(1 - keep * keep) * chance.normal();
    const hour = ((times[i] as number) % DAY) / HOUR;
    const people = 0.25 * bump(hour, 8, 2) + 0.35 * bump(hour, 21, 3);
    level[i] = Math.log(6) + 0.5 * slow + people;
  }
  return level;
}

/** One sensor in clean air: its own surroundings, its two channels, a chimney near by now and then. */
export function cleanSeries(
  sensor: string,
  times: Float64Array,
  level: Float64Array,
  seed: number,
): AirSeries {
  const chance = new Chance(seed, `air of ${sensor}`);
  const n = times.length;
  const [a, b] = [new Float64Array(n), new Float64Array(n)];
  const [gainA, gainB] = [Math.exp(0.06 * chance.normal()), Math.exp(0.06 * chance.normal())];
  const place = 0.12 * chance.normal();
  let [near, chimney, chimneyOn] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const step = i === 0 ? 10 * MINUTE : (times[i] as number) - (times[i - 1] as number);
    const keep = Math.exp(-step / (6 * HOUR));
    near = keep * near + Math.sqrt(1 - keep * keep) * 0.2 * chance.normal();
    if (chance.uniform(0, 1) < step / (14 * DAY)) chimneyOn = chance.uniform(10, 50);
    // A fire near by rises within half an hour and goes out within some hours.
    chimney += (chimneyOn - chimney) * (1 - Math.exp(-step / (20 * MINUTE)));
    chimneyOn *= Math.exp(-step / (80 * MINUTE));
    const air = Math.exp((level[i] as number) + place + near) + chimney;
    const [errorA, errorB] = [chance.normal(), chance.normal()];
    const lost = chance.uniform(0, 1) < LOST;
    a[i] = lost ? NaN : Math.max(0, air * gainA * (1 + 0.04 * errorA) + 0.3 * errorA);
    b[i] = lost ? NaN : Math.max(0, air * gainB * (1 + 0.04 * errorB) + 0.3 * errorB);
  }
  return { sensor, times, a, b };
}

/** A bell of height 1 round an hour of the day. */
function bump(hour: number, middle: number, width: number): number {
  const away = Math.min(Math.abs(hour - middle), 24 - Math.abs(hour - middle));
  return Math.exp(-0.5 * (away / width) ** 2);
}
