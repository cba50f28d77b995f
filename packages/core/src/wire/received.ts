/**
 * What a server has stored of one incarnation of one device: removes duplicates exactly, keeps each lane's order, counts gaps.
 *
 * Memory follows the number of holes (at most about `RUNS_MAX`), not the number of readings: below the device's floor nothing is remembered,
 * because nothing below it will come again. Keep `toJSON()` in the same transaction as the readings.
 */
import { LinnetError } from '../base/error.ts';
import type { Ack } from './ack.ts';
import type { Frame, FrameRecord } from './frame.ts';
import { BLOCK } from './identity.ts';
import { RangeSet, runsOf, type Run } from './ranges.ts';

const RUNS_MAX = 1024;
const NO_TAIL: Tail = { bootFirst: 0, round: 0, last: 0 };

/** Where a lane of a device was: the frame that was taken in last. */
interface Tail {
  readonly bootFirst: number;
  readonly round: number;
  /** Its last sequence. */
  readonly last: number;
}

export interface ReceivedState {
  readonly floor: number;
  readonly lastLive: number;
  readonly gaps: number;
  readonly duplicates: number;
  readonly runs: readonly Run[];
  /** Absent where a release before wrote the state: the device begins its next round then. */
  readonly tails?: { readonly live: Tail; readonly backlog: Tail };
}

/** `fresh` is to be stored, and the frame acknowledged after the commit; a refused frame is not stored at all. */
export type Verdict =
  | { readonly refused: false; readonly fresh: readonly FrameRecord[] }
  | { readonly refused: true; readonly why: 'gap' | 'order' | 'holes' };

export class Received {
  /** Sequences that the device gave up, or lost, between others that came: exact within each start of the agent. */
  gaps = 0;
  duplicates = 0;
  private floor = 0;
  private lastLive = 0;
  private tails: NonNullable<ReceivedState['tails']> = { live: NO_TAIL, backlog: NO_TAIL };
  private readonly seen = new RangeSet();

  constructor(state?: ReceivedState) {
    if (state === undefined) return;
    this.floor = state.floor;
    this.lastLive = state.lastLive;
    this.gaps = state.gaps;
    this.duplicates = state.duplicates;
    this.tails = state.tails ?? this.tails;
    for (const [first, last] of state.runs) this.seen.add(first, last);
  }

  has(sequence: number): boolean {
    return sequence < this.floor || this.seen.has(sequence);
  }

  /**
   * Takes a frame in. If the commit then fails, throw this object away and load the state that was stored last.
   * @throws LinnetError `data.invalid` for a frame that contradicts itself
   */
  take(frame: Frame): Verdict {
    const first = frame.records[0]?.sequence ?? frame.floor;
    if (first < frame.floor)
      throw new LinnetError('data.invalid', 'frame holds readings below its own floor');
    this.raiseFloor(frame.floor);
    const fresh = frame.records.filter((record) => !this.has(record.sequence));
    const firstFresh = fresh[0]?.sequence;
    const follows = this.follows(frame);
    if (firstFresh !== undefined) {
      if (!follows) return { refused: true, why: 'gap' };
      if (frame.live && firstFresh < this.lastLive) return { refused: true, why: 'order' };
      if (this.seen.runs >= RUNS_MAX && !this.has(firstFresh - 1)) return { refused: true, why: 'holes' };
      if (frame.live) this.lastLive = (fresh.at(-1) as FrameRecord).sequence;
    }
    if (follows) this.moveTail(frame);
    this.duplicates += frame.records.length - fresh.length;
    for (const [from, to] of runsOf(fresh.map((record) => record.sequence))) this.seen.add(from, to);
    return { refused: false, fresh };
  }

  toJSON(): ReceivedState {
    const { floor, lastLive, gaps, duplicates, tails } = this;
    return { floor, lastLive, gaps, duplicates, runs: this.seen.toRuns(), tails };
  }

  /**
   * Whether the frame before this one, of its lane and round, is in. That its last reading is stored does not say so: it may have
   * come in the other lane, and the rest of that frame is still missing.
   */
  private follows({ live, prev, round, bootFirst }: Frame): boolean {
    const tail = live ? this.tails.live : this.tails.backlog;
    const same = bootFirst === tail.bootFirst && round === tail.round;
    const newer = bootFirst > tail.bootFirst || (bootFirst === tail.bootFirst && round > tail.round);
    return prev === 0 ? same || newer : same && prev === tail.last;
  }

  private moveTail({ live, round, bootFirst, records }: Frame): void {
    const tail = { bootFirst, round, last: records.at(-1)?.sequence ?? 0 };
    this.tails = live ? { ...this.tails, live: tail } : { ...this.tails, backlog: tail };
  }

  private raiseFloor(floor: number): void {
    if (floor <= this.floor) return;
    this.gaps += this.missingBelow(floor);
    this.floor = floor;
    this.seen.removeBelow(floor);
  }

  /** The unused end of a block is no gap: a block ends with the start of the agent that it belongs to. */
  private missingBelow(floor: number): number {
    let missing = 0;
    let next = this.floor;
    const below = this.seen.toRuns().filter(([first]) => first < floor);
    for (const [first, last] of [...below, [floor, floor] as const]) {
      const blockStart = Math.floor(first / BLOCK) * BLOCK || 1;
      missing += Math.max(0, first - Math.max(next, blockStart));
      next = last + 1;
    }
    return missing;
  }
}

/**
 * The answer to a frame, to be sent after the commit.
 * @param pauseMs for a device that understands it
 */
export function ackOf(frame: Frame, verdict: Verdict, receivedAt: number, pauseMs?: number): Ack {
  const runs = verdict.refused ? [] : runsOf(frame.records.map((record) => record.sequence));
  const { incarnation, round } = frame;
  const pause = pauseMs === undefined ? {} : { pauseMs };
  return { incarnation, receivedAt, round, refused: verdict.refused, ...pause, runs };
}
