/**
 * Two lanes, live before backlog. Live holds what was recorded during this round and is still in memory; the backlog reads the rest from
 * disk in order. A live reading that waits too long is left to the backlog, oldest first, so that each lane's sequences only ascend.
 */
import type { FrameRecord } from '@linnet/core/wire';
import type { ReadRequest } from '../log/read.ts';

export interface Batch {
  readonly live: boolean;
  readonly prev: number;
  readonly records: readonly FrameRecord[];
}

export interface LaneLimits {
  readonly recordsMax: number;
  /** Of the payloads in one frame. */
  readonly bytesMax: number;
  /** Of the live readings kept in memory. */
  readonly liveBytesMax: number;
}

export interface LaneSource {
  read(request: ReadRequest): FrameRecord[];
  isPending(sequence: number): boolean;
}

export class Lanes {
  private readonly source: LaneSource;
  private limits: LaneLimits;
  private live: FrameRecord[] = [];
  private liveBytes = 0;
  private liveFirst = Infinity;
  private livePrev = 0;
  private backlogPrev = 0;
  private backlogAfter = 0;
  private backlogThrough = 0;

  constructor(source: LaneSource, limits: LaneLimits) {
    this.source = source;
    this.limits = limits;
  }

  get liveWaiting(): number {
    return this.live.length;
  }

  /** Begins a round: everything on disk up to `last` is backlog. */
  restart(last: number, limits = this.limits): void {
    this.limits = limits;
    this.live = [];
    this.liveBytes = 0;
    this.liveFirst = Infinity;
    this.livePrev = 0;
    this.backlogPrev = 0;
    this.backlogAfter = 0;
    this.backlogThrough = last;
  }

  push(records: readonly FrameRecord[]): void {
    for (const record of records) {
      this.live.push(record);
      this.liveBytes += record.payload.length;
    }
    while (this.liveBytes > this.limits.liveBytesMax) {
      const oldest = this.live.shift() as FrameRecord;
      this.liveBytes -= oldest.payload.length;
      this.backlogThrough = oldest.sequence;
    }
    this.liveFirst = this.live[0]?.sequence ?? Infinity;
  }

  nextLive(): Batch | undefined {
    const waiting = this.live.filter((record) => this.source.isPending(record.sequence));
    const records: FrameRecord[] = [];
    let bytes = 0;
    for (const record of waiting) {
      bytes += record.payload.length;
      if (records.length === this.limits.recordsMax) break;
      if (records.length > 0 && bytes > this.limits.bytesMax) break;
      records.push(record);
    }
    this.live = waiting.slice(records.length);
    this.liveBytes = this.live.reduce((sum, record) => sum + record.payload.length, 0);
    this.liveFirst = this.live[0]?.sequence ?? Infinity;
    const last = records.at(-1);
    if (last === undefined) return undefined;
    const batch = { live: true, prev: this.livePrev, records };
    this.livePrev = last.sequence;
    return batch;
  }

  /**
   * @param underWay sequences that are sent already
   * @param bytesMax payload bytes that the link takes at once
   */
  nextBacklog(underWay: (sequence: number) => boolean, bytesMax: number): Batch | undefined {
    if (this.backlogAfter >= this.backlogThrough) return undefined;
    const records = this.source.read({
      after: this.backlogAfter,
      through: Math.min(this.backlogThrough, this.liveFirst - 1),
      countMax: this.limits.recordsMax,
      bytesMax: Math.min(this.limits.bytesMax, bytesMax),
      skip: underWay,
    });
    const last = records.at(-1);
    if (last === undefined) {
      this.backlogAfter = this.backlogThrough;
      return undefined;
    }
    const batch = { live: false, prev: this.backlogPrev, records };
    this.backlogPrev = last.sequence;
    this.backlogAfter = last.sequence;
    return batch;
  }
}
