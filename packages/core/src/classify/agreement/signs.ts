import { roughness, slotOf, type SensorReadings, type Slotting } from './readings.ts';
import type { Region } from './region.ts';

/** What speaks for a broken sensor. */
export type Sign = 'channels' | 'stuck' | 'jumps' | 'noise' | 'level' | 'silence';

export interface SignLimits {
  /** µg/m³ by which channels must differ to disagree, and the part of their mean. */
  readonly channelGap: number;
  readonly channelRatio: number;
  /** Part of the readings with channels apart that makes a sign. */
  readonly channelShare: number;
  /** A value held so long is stuck. */
  readonly stuckMs: number;
  /** A step between two readings of so many µg/m³, which neighbours do not share, is none of the air's. */
  readonly jump: number;
  /** Times as rough as the neighbours. */
  readonly noise: number;
  /** Part of the readings that neighbours gave. */
  readonly silence: number;
}

/** A level so low that it may well be held: clean air reads 0 for hours. */
const CLEAN = 1.5;
/** µg/m³ of roughness that is never called noise. */
const ROUGH_MIN = 5;

/** The signs that show in a sensor's own readings, its two channels, and its neighbours' roughness and number of readings. */
export function ownSigns(
  own: SensorReadings,
  region: Region,
  limits: SignLimits,
  slotting: Slotting,
): Set<Sign> {
  const signs = new Set<Sign>();
  if (channelsApart(own, limits) > limits.channelShare) signs.add('channels');
  if (heldMs(own) >= limits.stuckMs) signs.add('stuck');
  if (jumps(own, region, limits, slotting) > 0) signs.add('jumps');
  const rough = roughness(own);
  if (rough > ROUGH_MIN && rough > limits.noise * Math.max(region.roughness, 1)) signs.add('noise');
  if (own.times.length < limits.silence * region.readings) signs.add('silence');
  return signs;
}

/** Part of the readings whose channels are apart; 0 where there are not two. */
function channelsApart({ a, b }: SensorReadings, { channelGap, channelRatio }: SignLimits): number {
  let [apart, both] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs((a[i] as number) - (b[i] as number));
    if (Number.isNaN(gap)) continue;
    both++;
    if (gap > channelGap && gap > channelRatio * 0.5 * ((a[i] as number) + (b[i] as number))) apart++;
  }
  return both === 0 ? 0 : apart / both;
}

/** The longest time for which the very same value came. */
function heldMs({ times, values }: SensorReadings): number {
  let [longest, from] = [0, 0];
  for (let i = 1; i < values.length; i++) {
    if (values[i] !== values[from]) from = i;
    else if ((values[i] as number) > CLEAN)
      longest = Math.max(longest, (times[i] as number) - (times[from] as number));
  }
  return longest;
}

/** Steps up or down that are too great for air, while the neighbours' air was not raised. */
function jumps(
  { times, values }: SensorReadings,
  region: Region,
  { jump }: SignLimits,
  slotting: Slotting,
): number {
  let count = 0;
  for (let i = 1; i < values.length; i++) {
    const [before, after] = [values[i - 1] as number, values[i] as number];
    if (Math.abs(after - before) < jump + Math.min(before, after)) continue;
    const around = region.levels[slotOf(times[i] as number, slotting)] as number;
    if (!(Math.max(before, after) < 4 * around)) count++;
  }
  return count;
}
