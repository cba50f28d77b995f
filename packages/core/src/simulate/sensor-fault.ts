import { within, type AirSeries, type Span } from './air-series.ts';
import { Chance } from './chance.ts';

/** The ways in which a sensor breaks. */
export const sensorFaults = [
  'spike',
  'burst',
  'stuck',
  'drift',
  'bias',
  'gain',
  'noise',
  'dropout',
  'disagreement',
] as const;
export type SensorFaultKind = (typeof sensorFaults)[number];

/** A sensor that is broken for a while. */
export interface SensorFault extends Span {
  readonly sensor: string;
  readonly kind: SensorFaultKind;
  /** The channels that are wrong. */
  readonly channels: 'a' | 'b' | 'both';
}

const HOUR = 3_600_000;
/** How long each kind lasts, in hours. */
const HOURS: Readonly<Record<SensorFaultKind, readonly [number, number]>> = {
  spike: [0.2, 0.6],
  burst: [1, 4],
  stuck: [12, 72],
  drift: [72, 240],
  bias: [24, 168],
  gain: [24, 168],
  noise: [12, 96],
  dropout: [8, 48],
  disagreement: [24, 168],
};
/** What a Plantower sensor can print at most is far above what air can hold. */
const READING_MAX = 5000;

/** Draws a fault of a kind that begins at `from`. Half of those of the electronics hit one channel alone, the rest both. */
export function drawFault(sensor: string, kind: SensorFaultKind, from: number, chance: Chance): SensorFault {
  const [least, most] = HOURS[kind];
  const to = from + chance.uniform(least, most) * HOUR;
  const one = chance.one(['a', 'b'] as const);
  const alone = kind === 'disagreement' || (kind !== 'dropout' && chance.uniform(0, 1) < 0.5);
  return { sensor, kind, from, to, channels: alone ? one : 'both' };
}

/** Puts a fault into a sensor's readings, in place. A reading that is lost is NaN in both channels. */
export function applyFault(series: AirSeries, fault: SensorFault, chance: Chance): void {
  const { times } = series;
  const [start, end] = within(times, fault);
  const change = changeOf(fault, chance);
  const channels = [
    ...(fault.channels === 'b' ? [] : [series.a]),
    ...(fault.channels === 'a' ? [] : [series.b]),
  ];
  const held = channels.map((channel) => channel[start] ?? NaN);
  for (let i = start; i < end; i++) {
    const part = ((times[i] as number) - fault.from) / (fault.to - fault.from);
    const apply = change(part);
    channels.forEach((channel, index) => {
      const value = apply(channel[i] as number, held[index] as number);
      channel[i] = Math.min(READING_MAX, Math.max(0, value));
    });
  }
}

/** What becomes of a value, given how far the fault has gone (0 to 1) and the value at which it began. */
type Change = (part: number) => (value: number, held: number) => number;

function changeOf({ kind }: SensorFault, chance: Chance): Change {
  switch (kind) {
    case 'spike': {
      const height = chance.uniform(150, 2500);
      return () => (value) => value + height;
    }
    case 'burst':
      return () => {
        const height = chance.uniform(50, 1500);
        return (value) => value + height;
      };
    case 'stuck': {
      const level = chance.uniform(0, 1) < 0.5 ? chance.uniform(20, 400) : undefined;
      return () => (_, held) => level ?? held;
    }
    case 'drift': {
      const far = chance.uniform(30, 150);
      return (part) => (value) => value + far * part;
    }
    case 'bias': {
      const offset = chance.uniform(20, 80);
      return () => (value) => value + offset;
    }
    case 'gain': {
      const factor = chance.uniform(0, 1) < 0.25 ? chance.uniform(0, 0.1) : chance.uniform(3, 8);
      return () => (value) => value * factor;
    }
    case 'noise': {
      const deviation = chance.uniform(20, 60);
      return () => {
        const error = deviation * chance.normal();
        return (value) => value + error;
      };
    }
    case 'dropout': {
      const lost = chance.uniform(0, 1) < 0.5 ? 1 : chance.uniform(0.7, 0.95);
      return () => (chance.uniform(0, 1) < lost ? () => NaN : (value) => value);
    }
    case 'disagreement': {
      const [factor, offset] = [chance.uniform(1.8, 4), chance.uniform(10, 40)];
      return () => (value) => value * factor + offset;
    }
  }
}
