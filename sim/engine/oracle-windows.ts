/** Windows of one key by plain loops over all of its records; shares nothing with the engine. */
import {
  COUNT,
  EVERY_MS,
  GAP_MS,
  LENGTH_MS,
  START,
  TOTAL_MS,
  type Scenario,
  type WindowKind,
} from './scenario.ts';

export interface Closed<T> {
  readonly start: number;
  readonly end: number;
  readonly items: readonly T[];
}

interface Kept<T> {
  readonly time: number;
  /** Arrival, counted. */
  readonly nth: number;
  readonly item: T;
}

export class KeyWindows<T> {
  private readonly kind: WindowKind | 'total';
  private readonly ordered: boolean;
  /** Records of windows that are not closed yet, and perhaps some more. */
  private kept: Kept<T>[] = [];
  /** Starts of windows that are over. */
  private readonly over = new Set<number>();
  private arrivals = 0;

  constructor(kind: WindowKind | 'total', ordered: Scenario['ordered']) {
    this.kind = kind;
    this.ordered = ordered;
  }

  /** The windows that a record at `time` belongs to, by their numbers; -1 where only the other records tell. */
  static idsAt(kind: WindowKind | 'total', time: number): number[] {
    if (kind === 'session' || kind === 'count') return [-1];
    const { length, every } = spanOf(kind);
    const ids: number[] = [];
    for (let id = Math.floor((time - START - length) / every) - 1; START + id * every <= time; id++)
      if (time < START + id * every + length) ids.push(id);
    return ids;
  }

  add(time: number, item: T): void {
    this.kept.push({ time, nth: this.arrivals++, item });
  }

  /** The windows that are over at a watermark and were not before. */
  close(watermark: number): Closed<T>[] {
    if (this.kind === 'count') return this.closeCounts(watermark);
    const groups = this.kind === 'session' ? this.sessions() : this.spans(spanOf(this.kind));
    return groups
      .filter(({ over, start }) => over(watermark) && !this.over.has(start))
      .toSorted((a, b) => (this.ordered ? a.start - b.start : a.opened - b.opened || a.start - b.start))
      .map(({ start, end, records }) => {
        if (this.kind === 'session') this.kept = this.kept.filter((record) => !records.includes(record));
        else this.over.add(start);
        return { start, end, items: records.map(({ item }) => item) };
      });
  }

  private spans({ length, every }: { length: number; every: number }) {
    const starts = new Set(
      this.kept.flatMap(({ time }) => KeyWindows.idsAt(this.kind, time).map((id) => START + id * every)),
    );
    return [...starts].map((start) => {
      const end = start + length;
      const records = this.sorted().filter(({ time }) => time >= start && time < end);
      return { start, end, records, opened: firstOf(records), over: (mark: number) => end <= mark };
    });
  }

  private sessions() {
    const groups: Kept<T>[][] = [];
    for (const record of this.kept.toSorted((a, b) => a.time - b.time || a.nth - b.nth)) {
      const last = groups.at(-1)?.at(-1);
      if (last !== undefined && record.time - last.time <= GAP_MS) groups.at(-1)?.push(record);
      else groups.push([record]);
    }
    return groups.map((records) => {
      const [start, end] = [(records[0] as Kept<T>).time, (records.at(-1) as Kept<T>).time];
      return { start, end, records, opened: firstOf(records), over: (mark: number) => end + GAP_MS < mark };
    });
  }

  private closeCounts(watermark: number): Closed<T>[] {
    const ready = this.sorted().filter(({ time }) => !this.ordered || time <= watermark);
    const closed: Closed<T>[] = [];
    const least = watermark === Infinity ? 1 : COUNT;
    while (ready.length >= least) {
      const records = ready.splice(0, COUNT);
      this.kept = this.kept.filter((record) => !records.includes(record));
      const times = records.map(({ time }) => time);
      const items = records.map(({ item }) => item);
      closed.push({ start: Math.min(...times), end: Math.max(...times), items });
    }
    return closed;
  }

  private sorted(): Kept<T>[] {
    return this.ordered ? this.kept.toSorted((a, b) => a.time - b.time || a.nth - b.nth) : [...this.kept];
  }
}

function spanOf(kind: WindowKind | 'total'): { length: number; every: number } {
  if (kind === 'total') return { length: TOTAL_MS, every: TOTAL_MS };
  return { length: LENGTH_MS, every: kind === 'sliding' ? EVERY_MS : LENGTH_MS };
}

function firstOf(records: readonly { readonly nth: number }[]): number {
  return Math.min(...records.map(({ nth }) => nth));
}
