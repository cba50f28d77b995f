/** One file of the log: which readings stand in it, and which of them the server has. */
import { RangeSet, isIncarnation } from '@linnet/core/wire';

const NAME = /^([0-9a-f]{16})-([0-9a-f]{14})(?:-(\d{1,3}))?\.log$/;

export class Segment {
  readonly name: string;
  /** First sequence that it may hold; part of its name, so that no damage within makes a start repeat a sequence. */
  readonly first: number;
  readonly copy: number;
  /** Sequence of its last reading, `first - 1` while it has none. */
  last: number;
  /** Length of the file up to its last good record. */
  bytes = 0;
  readonly present = new RangeSet();
  /** Of those present: acknowledged, or given up for good. */
  readonly gone = new RangeSet();

  /** @param copy tells files with the same first sequence apart: one that failed before it held a reading, and the next */
  constructor(incarnation: string, first: number, copy = 0) {
    this.name = `${incarnation}-${first.toString(16).padStart(14, '0')}${copy > 0 ? `-${copy}` : ''}.log`;
    this.copy = copy;
    this.first = first;
    this.last = first - 1;
  }

  get pending(): number {
    return this.present.size - this.gone.size;
  }

  /** @returns how many of the run were pending until now */
  settle(first: number, last: number): number {
    if (last < this.first || first > this.last) return 0;
    let settled = 0;
    for (const [from, to] of this.present.toRuns()) {
      const [low, high] = [Math.max(from, first), Math.min(to, last)];
      if (low <= high) settled += this.gone.add(low, high);
    }
    return settled;
  }

  isPending(sequence: number): boolean {
    return this.present.has(sequence) && !this.gone.has(sequence);
  }

  /** The lowest reading that is neither acknowledged nor given up. */
  get lowestPending(): number | undefined {
    for (const [first, last] of this.present.toRuns()) {
      let at = first;
      for (const [from, to] of this.gone.toRuns()) {
        if (from <= at && at <= to) at = to + 1;
      }
      if (at <= last) return at;
    }
    return undefined;
  }
}

export interface SegmentName {
  readonly incarnation: string;
  readonly first: number;
  readonly copy: number;
}

export function parseName(name: string): SegmentName | undefined {
  const match = NAME.exec(name);
  if (match === null || !isIncarnation(match[1] as string)) return undefined;
  const first = Number.parseInt(match[2] as string, 16);
  if (!Number.isSafeInteger(first) || first < 1) return undefined;
  return { incarnation: match[1] as string, first, copy: Number(match[3] ?? 0) };
}
