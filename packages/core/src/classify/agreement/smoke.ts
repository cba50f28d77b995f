import { slotOf, type SensorReadings, type Slotting } from './readings.ts';

export interface SmokeLimits {
  /** µg/m³ above which a reading counts. */
  readonly pm: number;
  /** Part of `pm` from which a neighbour is raised too. */
  readonly raised: number;
  /** Part of the reading itself that the middle one of the others must come to. */
  readonly likeness: number;
  /** So many readings of a region make an event; fewer come and go with the traffic. */
  readonly readingsMin: number;
  /** How much later or earlier smoke may be at a neighbour. */
  readonly lagMs: number;
  /** Part of the other reporting sensors that must be raised. */
  readonly agreement: number;
  /** How long a sensor without neighbours must be above `pm`. */
  readonly persistMs: number;
}

/** One sensor's share in an event. */
export interface SmokeAt {
  readonly sensor: string;
  /** Places of its readings that are above `pm` and that the others bear out. */
  readonly readings: readonly number[];
  /** The greatest part of the others that were raised with it. */
  readonly agreement: number;
}

/**
 * The readings above `pm` that the region bears out: at that time, give or take the lag, so many of the other reporting sensors
 * are raised, and not by a small part of it alone. Without neighbours a sensor must stay above for long, with both channels.
 * @param all every reporting sensor whose readings can be believed
 */
export function smokeReadings(
  all: readonly SensorReadings[],
  limits: SmokeLimits,
  slotting: Slotting,
): SmokeAt[] {
  const highest = all.map((own) => spread(own, limits, slotting));
  const event = all
    .map((own, index) => {
      if (all.length === 1) return { sensor: own.sensor, readings: persistent(own, limits), agreement: 0 };
      const found: number[] = [];
      let most = 0;
      for (let i = 0; i < own.values.length; i++) {
        const value = own.values[i] as number;
        if (!(value > limits.pm)) continue;
        const raised = Math.max(limits.raised * limits.pm, limits.likeness * value);
        const agree = agreementAt(highest, index, slotOf(own.times[i] as number, slotting), raised);
        if (!(agree >= limits.agreement)) continue;
        found.push(i);
        most = Math.max(most, agree);
      }
      return { sensor: own.sensor, readings: found, agreement: most };
    })
    .filter(({ readings }) => readings.length > 0);
  const count = event.reduce((sum, { readings }) => sum + readings.length, 0);
  return count < limits.readingsMin ? [] : event;
}

/** Of the other sensors that report within the lag of a slot, the part that is raised there; NaN where none reports. */
function agreementAt(highest: readonly Float64Array[], index: number, slot: number, raised: number): number {
  let [yes, known] = [0, 0];
  for (let other = 0; other < highest.length; other++) {
    const value = highest[other]?.[slot] as number;
    if (other === index || Number.isNaN(value)) continue;
    known++;
    if (value > raised) yes++;
  }
  return known === 0 ? NaN : yes / known;
}

/** For each slot a sensor's highest within the lag of it; NaN where it does not report. */
function spread({ slots }: SensorReadings, { lagMs }: SmokeLimits, { slotMs }: Slotting): Float64Array {
  const reach = Math.round(lagMs / slotMs);
  const out = new Float64Array(slots.length).fill(NaN);
  for (let slot = 0; slot < slots.length; slot++) {
    for (let at = Math.max(0, slot - reach); at <= Math.min(slots.length - 1, slot + reach); at++) {
      const value = slots[at] as number;
      if (!((out[slot] as number) >= value) && value === value) out[slot] = value;
    }
  }
  return out;
}

/** Places of readings in runs above `pm` that are long enough. */
function persistent({ times, values }: SensorReadings, { pm, persistMs }: SmokeLimits): number[] {
  const found: number[] = [];
  for (let from = 0; from < values.length;) {
    let to = from;
    while (to < values.length && (values[to] as number) > pm) to++;
    if (to > from && (times[to - 1] as number) - (times[from] as number) >= persistMs)
      for (let i = from; i < to; i++) found.push(i);
    from = Math.max(to, from + 1);
  }
  return found;
}
