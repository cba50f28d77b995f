/**
 * Readings as means over instants, for a live stream: the means are `prepare`'s own. An instant closes, for all channels at once, when
 * the newest reading is `latenessMs` past its end.
 */
import { BinMeans } from '@linnet/core';

export interface Instant {
  /** Number of the interval since 1970. */
  readonly tick: number;
  /** By channel its mean; what has no reading is not there. */
  readonly means: ReadonlyMap<string, number>;
}

type Cells = readonly (readonly [tick: number, sum: number, count: number])[];

/** Instants that may be open at once: a stamp further ahead is refused. */
const OPEN_MAX = 1024;

export class Instants {
  private readonly everyMs: number;
  private readonly latenessMs: number;
  private readonly open = new Map<string, BinMeans>();
  /** Whether a reading came since all instants were closed. */
  private filled = false;
  private next = Number.NEGATIVE_INFINITY;
  private newest = Number.NEGATIVE_INFINITY;

  constructor(everyMs: number, latenessMs: number) {
    this.everyMs = everyMs;
    this.latenessMs = latenessMs;
  }

  /** @returns why a reading is not counted, if it is not */
  add(channel: string, time: number, value: number): 'late' | 'ahead' | undefined {
    const tick = Math.floor(time / this.everyMs);
    if (tick < this.next) return 'late';
    const newest = Math.floor(this.newest / this.everyMs);
    if (Number.isFinite(newest) && tick > newest + OPEN_MAX && this.filled) return 'ahead';
    this.newest = Math.max(this.newest, time);
    this.filled = true;
    this.binsOf(channel).add(time, value);
    return undefined;
  }

  /** Instants that are over, in order; those without any reading are left out. */
  closed(): Instant[] {
    return this.take(this.reached);
  }

  /** All that is open, at the end. */
  rest(): Instant[] {
    return this.take(Infinity);
  }

  /** What is open, for a state that is kept. */
  toJSON(): object {
    const cells = [...this.open].map(([channel, bins]) => [channel, bins.cells()]);
    return { everyMs: this.everyMs, next: this.next, newest: this.newest, cells };
  }

  /** Goes on from what was kept; with another interval it begins anew. */
  restore(kept: unknown): void {
    const { everyMs, next, newest, cells } = kept as {
      everyMs: number;
      next: number | null;
      newest: number | null;
      cells?: readonly (readonly [string, Cells])[];
    };
    if (everyMs !== this.everyMs) return;
    this.next = next ?? this.next;
    this.newest = newest ?? this.newest;
    for (const [channel, list] of cells ?? []) {
      this.binsOf(channel).restore(list);
      this.filled ||= list.length > 0;
    }
  }

  /** Time went on without a reading. */
  pass(ms: number): void {
    this.newest += ms;
  }

  /** The instant that the newest reading, or the time since, has reached. */
  get reached(): number {
    return Math.floor((this.newest - this.latenessMs) / this.everyMs);
  }

  private take(before: number): Instant[] {
    if (!(before > this.next)) return [];
    const means = new Map<number, Map<string, number>>();
    let left = false;
    for (const [channel, bins] of this.open) {
      for (const { time, value } of bins.drain(before)) {
        const tick = Math.round(time / this.everyMs);
        const row = means.get(tick) ?? new Map<string, number>();
        means.set(tick, row.set(channel, value));
      }
      left ||= bins.start < bins.end;
    }
    this.filled = left;
    if (Number.isFinite(before)) this.next = before;
    return [...means].toSorted(([a], [b]) => a - b).map(([tick, row]) => ({ tick, means: row }));
  }

  private binsOf(channel: string): BinMeans {
    let bins = this.open.get(channel);
    if (bins === undefined) this.open.set(channel, (bins = new BinMeans(this.everyMs)));
    return bins;
  }
}
