/** What the watermark must be at each record and at the end of each block, told from the reads alone. */
import type { Scenario } from './scenario.ts';
import type { Read } from './source.ts';

/** Which block: as much of it as moves a clock. */
type Where = Pick<Read, 'source' | 'partition' | 'partitions' | 'now'>;

interface Side {
  /** Latest believable event time less the lateness. */
  mark: number;
  /** When it last had a believable record. */
  heard: number;
  ended: boolean;
}

/** Watermark of a step that all sources reach: the least of their partitions, never going back. */
export class SourceClock {
  private readonly idleMs: number;
  private readonly sides: Side[][];
  private reached = -Infinity;
  private now = 0;
  private own: Side | undefined;
  private atStart = -Infinity;

  constructor({ sources, idleMs }: Scenario) {
    this.idleMs = idleMs;
    this.sides = sources.map(() => []);
  }

  begin({ source, partition, partitions, now }: Where): void {
    const sides = this.sides[source] as Side[];
    while (sides.length < partitions) sides.push({ mark: -Infinity, heard: now, ended: false });
    this.now = now;
    this.own = sides[partition];
    this.atStart = this.least(this.own, this.own?.mark);
  }

  /** Takes a record in. @returns the watermark with it */
  see(time: number, latenessMs: number): number {
    const own = this.own as Side;
    // Whether its own partition was silent does not matter: it is heard now.
    const others = this.least(own);
    own.mark = Math.max(own.mark, time - latenessMs);
    own.heard = this.now;
    return Math.max(this.reached, Math.min(others, own.mark));
  }

  /** The watermark where a block begins: for what this block's windows come to. */
  get first(): number {
    return Math.max(this.reached, this.atStart);
  }

  /** @returns the watermark behind the block */
  end(read: Read): number {
    if (read.ended) (this.own as Side).ended = true;
    const least = this.least();
    const furthest = Math.max(...this.sides.flat().map(({ mark }) => mark));
    this.reached = Math.max(this.reached, least === Infinity ? furthest : least);
    return this.reached;
  }

  /** Least mark of those that hold back, `except` one, and at most `most`. */
  private least(except?: Side, most = Infinity): number {
    let least = most;
    for (const sides of this.sides) {
      if (sides.length === 0) return -Infinity;
      for (const side of sides) {
        const holds = !side.ended && this.now - side.heard < this.idleMs;
        if (side !== except && holds) least = Math.min(least, side.mark);
      }
    }
    return least;
  }
}

/** A key's own watermark: its latest event time less the lateness, and on with processing time while it is silent. */
export class KeyClock {
  private mark = -Infinity;
  private since = 0;

  see(time: number, latenessMs: number, now: number): number {
    const watermark = this.at(now);
    if (time - latenessMs <= watermark) return watermark;
    this.mark = time - latenessMs;
    this.since = now;
    return this.mark;
  }

  at(now: number): number {
    return this.mark + (now - this.since);
  }
}
