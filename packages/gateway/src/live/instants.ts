/** Readings as means over instants, for a live stream; an instant closes when the newest reading is `latenessMs` past its end. */

interface Bin {
  sum: number;
  count: number;
}

export interface Instant {
  /** Number of the interval since 1970. */
  readonly tick: number;
  /** By channel its mean; what has no reading is not there. */
  readonly means: ReadonlyMap<string, number>;
}

/** Instants that may be open at once: a stamp further ahead is refused. */
const OPEN_MAX = 1024;

export class Instants {
  private readonly everyMs: number;
  private readonly latenessMs: number;
  private readonly open = new Map<number, Map<string, Bin>>();
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
    if (Number.isFinite(newest) && tick > newest + OPEN_MAX && this.open.size > 0) return 'ahead';
    this.newest = Math.max(this.newest, time);
    let bins = this.open.get(tick);
    if (bins === undefined) this.open.set(tick, (bins = new Map()));
    const bin = bins.get(channel);
    if (bin === undefined) {
      bins.set(channel, { sum: value, count: 1 });
    } else {
      bin.sum += value;
      bin.count++;
    }
    return undefined;
  }

  /** Instants that are over, in order; those without any reading are left out. */
  closed(): Instant[] {
    return this.take(Math.floor((this.newest - this.latenessMs) / this.everyMs));
  }

  /** All that is open, at the end. */
  rest(): Instant[] {
    return this.take(Infinity);
  }

  /** What is open, for a state that is kept. */
  toJSON(): object {
    const open = [...this.open].map(([tick, bins]) => [tick, [...bins]]);
    return { everyMs: this.everyMs, next: this.next, newest: this.newest, open };
  }

  /** Goes on from what was kept; with another interval it begins anew. */
  restore(kept: unknown): void {
    const { everyMs, next, newest, open } = kept as {
      everyMs: number;
      next: number | null;
      newest: number | null;
      open: [number, [string, Bin][]][];
    };
    if (everyMs !== this.everyMs) return;
    this.next = next ?? this.next;
    this.newest = newest ?? this.newest;
    for (const [tick, bins] of open) this.open.set(tick, new Map(bins));
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
    const ticks = [...this.open.keys()].filter((tick) => tick < before).toSorted((a, b) => a - b);
    const instants = ticks.map((tick): Instant => {
      const means = new Map<string, number>();
      for (const [channel, { sum, count }] of this.open.get(tick) as Map<string, Bin>) {
        means.set(channel, sum / count);
      }
      this.open.delete(tick);
      return { tick, means };
    });
    if (Number.isFinite(before)) this.next = Math.max(this.next, before);
    return instants;
  }
}
