/** A reading as the classifier needs it. */
export interface ChannelReading {
  readonly sensor: string;
  /** Event time in epoch milliseconds. */
  readonly time: number;
  /** The reading itself, µg/m³. */
  readonly value: number;
  /** The two channels, where the sensor has two; NaN where it has not. */
  readonly a: number;
  readonly b: number;
}

/** One sensor's readings of a window, in time order. */
export interface SensorReadings {
  readonly sensor: string;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** Median of each slot of the window; NaN where it has no reading. */
  readonly slots: Float64Array;
}

export interface Slotting {
  readonly start: number;
  readonly slotMs: number;
  readonly count: number;
}

/** Sorts the readings of a window by sensor, sensors by the text of their names, and takes the median of each slot. */
export function bySensor(readings: readonly ChannelReading[], slotting: Slotting): SensorReadings[] {
  const lists = new Map<string, ChannelReading[]>();
  for (const reading of readings) {
    const list = lists.get(reading.sensor);
    if (list === undefined) lists.set(reading.sensor, [reading]);
    else list.push(reading);
  }
  return [...lists.keys()].toSorted().map((sensor) => {
    const own = (lists.get(sensor) as ChannelReading[]).toSorted((one, other) => one.time - other.time);
    const times = Float64Array.from(own, ({ time }) => time);
    const values = Float64Array.from(own, ({ value }) => value);
    return {
      sensor,
      times,
      values,
      a: Float64Array.from(own, ({ a }) => a),
      b: Float64Array.from(own, ({ b }) => b),
      slots: slotMedians(times, values, slotting),
    };
  });
}

/** The slot of a time. */
export function slotOf(time: number, { start, slotMs, count }: Slotting): number {
  return Math.min(count - 1, Math.max(0, Math.floor((time - start) / slotMs)));
}

function slotMedians(times: Float64Array, values: Float64Array, slotting: Slotting): Float64Array {
  const slots = new Float64Array(slotting.count).fill(NaN);
  for (let from = 0; from < times.length;) {
    const slot = slotOf(times[from] as number, slotting);
    let to = from + 1;
    while (to < times.length && slotOf(times[to] as number, slotting) === slot) to++;
    slots[slot] = median(values.subarray(from, to));
    from = to;
  }
  return slots;
}

/** The middle value, of an even number the mean of the two; NaN of none. NaN among the values is passed over. */
export function median(values: Float64Array): number {
  const sorted = values.filter((value) => value === value).toSorted();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}

/** The middle step between two readings. */
export function roughness({ values }: SensorReadings): number {
  const steps = new Float64Array(Math.max(0, values.length - 1));
  for (let i = 0; i < steps.length; i++)
    steps[i] = Math.abs((values[i + 1] as number) - (values[i] as number));
  return steps.length === 0 ? 0 : median(steps);
}
