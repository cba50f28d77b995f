import type { AirTruth, Span } from '@linnet/core/simulate';

/** The truth of simulated air as JSON, times in ISO 8601: where the sensors are, when smoke was at each, which broke and how. */
export function truthText({ seed, sensors, smoke, faults }: AirTruth): string {
  const truth = {
    seed,
    sensors,
    smoke: smoke.map(({ peak, heading, kmPerHour, at }) => ({
      ...spanOf(together(Object.values(at))),
      peak: rounded(peak),
      heading_degrees: rounded((heading * 180) / Math.PI),
      km_per_hour: rounded(kmPerHour),
      sensors: Object.fromEntries(Object.entries(at).map(([sensor, span]) => [sensor, spanOf(span)])),
    })),
    faults: faults.map(({ sensor, kind, channels, ...span }) => ({
      sensor,
      kind,
      channels,
      ...spanOf(span),
    })),
  };
  return `${JSON.stringify(truth, null, 1)}\n`;
}

/** From the first sensor that smoke reaches until the last one that it leaves. */
function together(spans: readonly Span[]): Span {
  return { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) };
}

function spanOf({ from, to }: Span): { from: string; to: string } {
  return { from: iso(from), to: iso(to) };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
