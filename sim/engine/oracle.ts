/** What a run must have produced, told from the reads that count by plain loops that share nothing with the engine. */
import type { Disbelieved, LateForJoin, Line, Pair, WindowLine } from './flow.ts';
import { KeyClock, SourceClock } from './oracle-clock.ts';
import { Joins } from './oracle-joins.ts';
import { KeyWindows } from './oracle-windows.ts';
import { GAP_MS, MAX_FUTURE_MS, type Scenario } from './scenario.ts';
import type { Delivered, Read } from './source.ts';

export interface Produced {
  /** The merged output: its order tells when each window was closed. */
  readonly lines: readonly Line[];
  readonly pairs: readonly Pair[];
  readonly lateForJoins: readonly LateForJoin[];
  /** By source. */
  readonly disbelieved: readonly (readonly Disbelieved[])[];
  /** What the sink outside got, in the order in which it got it; repetitions are allowed. */
  readonly alerts: readonly WindowLine[];
}

/**
 * @param ended processing time at the end of the run
 * @returns what is wrong, or nothing
 */
export function judge(
  scenario: Scenario,
  reads: readonly Read[],
  ended: number,
  produced: Produced,
): string | undefined {
  const expected = expect(scenario, reads, ended);
  const windows = expected.lines.filter((line) => line.kind === 'window');
  return (
    allRead(scenario, reads) ??
    compare('lines', expected.lines, produced.lines) ??
    compareSets('pairs', expected.joins.pairs(), produced.pairs) ??
    compareSets('late for joins', expected.joins.late, produced.lateForJoins) ??
    expected.disbelieved
      .map((list, source) => compare(`quarantine ${source}`, list, produced.disbelieved[source] ?? []))
      .find((wrong) => wrong !== undefined) ??
    compare('alerts', windows, firstTimes(produced.alerts))
  );
}

/** All that must come out. */
export function expect(
  scenario: Scenario,
  reads: readonly Read[],
  ended: number,
): Pick<Expectation, 'lines' | 'joins' | 'disbelieved'> {
  const expected = new Expectation(scenario);
  for (const read of reads) expected.read(read);
  expected.finish(ended);
  return expected;
}

/** A region's or the fleet's windows with the clock that is the key's own where the mode says so. */
interface Keyed<T> {
  readonly clock: KeyClock;
  readonly windows: KeyWindows<T>;
}

class Expectation {
  readonly lines: Line[] = [];
  readonly joins = new Joins();
  readonly disbelieved: Disbelieved[][];
  private readonly scenario: Scenario;
  private readonly clock: SourceClock;
  private readonly counts = new Map<string, number>();
  private readonly regions = new Map<string, Keyed<Delivered>>();
  private readonly fleet: Keyed<WindowLine>;
  private now = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.clock = new SourceClock(scenario);
    this.disbelieved = scenario.sources.map(() => []);
    this.fleet = { clock: new KeyClock(), windows: new KeyWindows('total', true) };
  }

  read(read: Read): void {
    // Over bounded sources processing time stands still.
    if (!this.scenario.bounded || this.now === 0) this.now = read.now;
    this.clock.begin(this.scenario.bounded ? { ...read, now: this.now } : read);
    const first = this.clock.first;
    for (const item of read.items) {
      const reason = reasonAgainst(item.time, this.now);
      if (reason === undefined) this.take(item);
      else this.disbelieved[read.source]?.push({ id: item.id, reason });
    }
    this.closeAll(this.clock.end(read), first);
  }

  finish(now: number): void {
    if (!this.scenario.bounded) this.now = now;
    this.clock.begin({ source: 0, partition: 0, partitions: 1, now: this.now });
    this.closeAll(Infinity, this.clock.first);
  }

  private take({ id, sensor, region, time, ...rest }: Delivered): void {
    const { window, ordered, latenessMs } = this.scenario;
    const n = (this.counts.get(sensor) ?? 0) + 1;
    this.counts.set(sensor, n);
    this.lines.push({ kind: 'counted', id, n });
    const own = this.regions.get(region) ?? {
      clock: new KeyClock(),
      windows: new KeyWindows<Delivered>(window, ordered),
    };
    this.regions.set(region, own);
    const isLate = time < this.watermarkWith(own.clock, this.clock.see(time, latenessMs), time);
    const reading = { id, sensor, region, time, ...rest };
    this.joins.see(reading, isLate);
    if (!isLate) own.windows.add(time, reading);
    else
      for (const late of KeyWindows.idsAt(window, time))
        this.lines.push({ kind: 'late', region, window: late, id });
  }

  /** The watermark of the step's mode with a record taken in. */
  private watermarkWith(clock: KeyClock, ofSources: number, time: number): number {
    const { watermark, latenessMs } = this.scenario;
    return watermark === 'source' ? ofSources : clock.see(time, latenessMs, this.now);
  }

  private closeAll(ofSources: number, first: number): void {
    const watermark = (clock: KeyClock) =>
      this.scenario.watermark === 'source' || ofSources === Infinity ? ofSources : clock.at(this.now);
    const closed = [...this.regions]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([region, own]) =>
        own.windows.close(watermark(own.clock)).map(({ start, end, items }): WindowLine => {
          const ids = items.map(({ id }) => id);
          return {
            kind: 'window',
            region,
            start,
            end,
            ids: this.scenario.ordered ? ids : ids.toSorted((a, b) => a - b),
          };
        }),
      );
    for (const line of closed) this.total(line, first);
    for (const { start, items } of this.fleet.windows.close(watermark(this.fleet.clock)))
      this.lines.push({ kind: 'total', start, windows: items.length });
  }

  /** Windows of windows: what a window came to has the time at which it was over, and is not late by the watermark that closed it. */
  private total(line: WindowLine, first: number): void {
    this.lines.push(line);
    const { region, start, end } = line;
    const over = { session: end + GAP_MS, count: end, tumbling: end - 1, sliding: end - 1 }[
      this.scenario.window
    ];
    const time = this.scenario.watermark === 'source' ? Math.max(over, first) : over;
    if (time < this.watermarkWith(this.fleet.clock, first, time))
      this.lines.push({ kind: 'late total', region, start });
    else this.fleet.windows.add(time, line);
  }
}

function reasonAgainst(time: number, now: number): string | undefined {
  if (Number.isNaN(time)) return 'invalid';
  if (time < Date.UTC(1971, 0, 1)) return 'unset';
  return time > now + MAX_FUTURE_MS ? 'future' : undefined;
}

/** Every reading must have been read at least once: who counts reads as done that were not loses their records. */
function allRead({ sources }: Scenario, reads: readonly Read[]): string | undefined {
  const wanted = sources.flat(2).length;
  const got = new Set(reads.flatMap(({ items }) => items.map(({ reading }) => reading))).size;
  return got === wanted ? undefined : `${got} of ${wanted} readings were read`;
}

function firstTimes(list: readonly WindowLine[]): WindowLine[] {
  const seen = new Set<string>();
  return list.filter((item) => {
    const isFirst = !seen.has(text(item));
    seen.add(text(item));
    return isFirst;
  });
}

/** Where the order says nothing. */
function compareSets(
  what: string,
  expected: readonly unknown[],
  got: readonly unknown[],
): string | undefined {
  const sorted = (list: readonly unknown[]) => list.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
  return compare(what, sorted(expected), sorted(got));
}

function compare(what: string, expected: readonly unknown[], got: readonly unknown[]): string | undefined {
  const [wanted, found] = [expected.map(text), got.map(text)];
  const at = wanted.findIndex((value, index) => value !== found[index]);
  if (at < 0 && wanted.length === found.length) return undefined;
  const index = at < 0 ? wanted.length : at;
  return `${what}: at ${index} of ${wanted.length} expected ${wanted[index] ?? 'nothing'}, got ${found[index] ?? 'nothing'} (${found.length} in all)`;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
