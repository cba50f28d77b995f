import type { AirSeries } from '@linnet/core/simulate';
import type { Case } from './cases.ts';

export type Label = 'clean' | 'smoke' | 'broken';

export const WINDOW_MS = 12 * 3_600_000;
const ALIGN = Date.UTC(2022, 6, 18);

export function windowOf(time: number): number {
  return Math.floor((time - ALIGN) / WINDOW_MS);
}

export function windowStart(window: number): number {
  return ALIGN + window * WINDOW_MS;
}

export function meanOf(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : (a + b) / 2;
}

/** What a change must come to before it counts, in µg/m³ and in parts of a window's readings; less is not judged at all. */
const [SMOKE_MIN, SMOKE_SHARE, FAULT_MEAN, FAULT_STEP, LOST_SHARE] = [30, 0.2, 10, 60, 0.4];

/**
 * What each sensor was in each window, by `sensor window`. A window that a fault or smoke only touched is left out: nobody could
 * tell, and nobody need.
 */
export function truthOf({
  series,
  withoutSmoke,
  withoutFaults,
  unknownAbove = Infinity,
}: Case): Map<string, Label> {
  const truth = new Map<string, Label>();
  series.forEach((own, index) => {
    const [clean, smoky] = [withoutSmoke[index] as AirSeries, withoutFaults[index] as AirSeries];
    for (let from = 0; from < own.times.length;) {
      const window = windowOf(own.times[from] as number);
      let to = from + 1;
      while (to < own.times.length && windowOf(own.times[to] as number) === window) to++;
      const label = labelOf(own, clean, smoky, from, to);
      const known = highest(clean, from, to) <= unknownAbove;
      if (label !== undefined && known) truth.set(`${own.sensor} ${window}`, label);
      from = to;
    }
  });
  return truth;
}

function labelOf(
  own: AirSeries,
  clean: AirSeries,
  smoky: AirSeries,
  from: number,
  to: number,
): Label | undefined {
  let [lost, known, steps, smoke, touched] = [0, 0, 0, 0, false];
  const change = { a: 0, b: 0 };
  for (let i = from; i < to; i++) {
    for (const channel of ['a', 'b'] as const) {
      const [now, before] = [own[channel][i] as number, smoky[channel][i] as number];
      if (Object.is(now, before)) continue;
      touched = true;
      if (!Number.isNaN(now)) change[channel] += Math.abs(now - before);
    }
    const before = meanOf(smoky.a[i] as number, smoky.b[i] as number);
    if (Number.isNaN(before)) continue;
    known++;
    const now = meanOf(own.a[i] as number, own.b[i] as number);
    if (Number.isNaN(now)) lost++;
    else if (Math.abs(now - before) > FAULT_STEP) steps++;
    if (before - meanOf(clean.a[i] as number, clean.b[i] as number) > SMOKE_MIN) smoke++;
  }
  if (known === 0) return undefined;
  const wrong = Math.max(change.a, change.b) / known > FAULT_MEAN;
  if (wrong || steps > 0 || lost > LOST_SHARE * known) return 'broken';
  if (touched) return undefined;
  return smoke > SMOKE_SHARE * known ? 'smoke' : smoke === 0 ? 'clean' : undefined;
}

function highest({ a, b }: AirSeries, from: number, to: number): number {
  let most = -Infinity;
  for (let i = from; i < to; i++) {
    const value = meanOf(a[i] as number, b[i] as number);
    if (value > most) most = value;
  }
  return most;
}
