/** What a run must have produced, computed from the input alone by plain loops that share nothing with the engine. */
import {
  EVERY_MS,
  GAP_MS,
  LENGTH_MS,
  type Counted,
  type Gathered,
  type Reading,
  type Scenario,
} from './scenario.ts';

const START = 1_700_000_000_000;

export interface Produced {
  readonly counts: readonly Counted[];
  readonly table: readonly Gathered[];
  /** What the sink outside got, in the order in which it got it; repetitions are allowed. */
  readonly alerts: readonly Gathered[];
}

/** Returns what is wrong, or nothing. */
export function judge(scenario: Scenario, produced: Produced): string | undefined {
  const expected = expectedWindows(scenario).map(text).toSorted();
  return (
    compare('counts', expectedCounts(scenario).map(text).toSorted(), produced.counts.map(text).toSorted()) ??
    compare('windows', expected, produced.table.map(text).toSorted()) ??
    compare('alerts', expected, [...new Set(produced.alerts.map(text))].toSorted()) ??
    compare('order of alerts', produced.table.map(text), firstTimes(produced.alerts.map(text)))
  );
}

function expectedCounts({ partitions }: Scenario): Counted[] {
  const seen = new Map<string, number>();
  return partitions.flat().map(({ id, sensor }) => {
    const n = (seen.get(sensor) ?? 0) + 1;
    seen.set(sensor, n);
    return { id, sensor, n };
  });
}

function expectedWindows({ partitions, window }: Scenario): Gathered[] {
  const readings = partitions.flat().toSorted((a, b) => a.time - b.time);
  return ['r0', 'r1', 'r2'].flatMap((region) => {
    const own = readings.filter((reading) => reading.region === region);
    return window === 'session'
      ? sessions(region, own)
      : spans(region, own, window === 'tumbling' ? LENGTH_MS : EVERY_MS);
  });
}

function spans(region: string, readings: readonly Reading[], every: number): Gathered[] {
  const found: Gathered[] = [];
  for (let start = START - LENGTH_MS * 2; start < START + 100 * LENGTH_MS; start += step(start, every)) {
    const ids = readings.filter(({ time }) => time >= start && time < start + LENGTH_MS).map(({ id }) => id);
    if (ids.length > 0) found.push({ region, start, end: start + LENGTH_MS, ids });
  }
  return found;
}

/** Windows begin at START plus multiples of `every`. */
function step(start: number, every: number): number {
  const off = (((start - START) % every) + every) % every;
  return off === 0 ? every : every - off;
}

function sessions(region: string, readings: readonly Reading[]): Gathered[] {
  const found: { region: string; start: number; end: number; ids: number[] }[] = [];
  for (const { id, time } of readings) {
    const last = found.at(-1);
    if (last !== undefined && time - last.end <= GAP_MS) {
      last.end = time;
      last.ids.push(id);
    } else {
      found.push({ region, start: time, end: time, ids: [id] });
    }
  }
  return found;
}

function firstTimes(list: readonly string[]): string[] {
  return [...new Set(list)];
}

function text(value: unknown): string {
  return JSON.stringify(value);
}

function compare(what: string, expected: readonly string[], got: readonly string[]): string | undefined {
  const at = expected.findIndex((value, index) => value !== got[index]);
  if (at < 0 && expected.length === got.length) return undefined;
  const index = at < 0 ? expected.length : at;
  return `${what}: at ${index} of ${expected.length} expected ${expected[index] ?? 'nothing'}, got ${got[index] ?? 'nothing'} (${got.length} in all)`;
}
