/**
 * The log on disk: segments that are only appended to, a bound on their bytes, and a policy for when it is reached.
 *
 * Synchronous over a Disk port, so that a simulator drives it. A reading leaves the disk when the server has acknowledged it, or is
 * given up by the policy and counted. Sequences are never given twice: a reading that was dropped keeps its own, so that the server sees the gap.
 */
import { BLOCK, RangeSet, type FrameRecord, type Run } from '@linnet/core/wire';
import { isFull, type Disk } from './disk.ts';
import { SegmentReader, type ReadRequest } from './read.ts';
import { encodeAcked, encodeReading } from './record.ts';
import { recover, type Recovered } from './recover.ts';
import { Segment } from './segment.ts';

export const onFullPolicies = ['drop-oldest', 'drop-newest', 'block'] as const;
export type OnFull = (typeof onFullPolicies)[number];

export interface LogOptions {
  readonly bytesMax: number;
  readonly onFull: OnFull;
  /** Draws the incarnation of a new folder: 16 hexadecimal digits. */
  readonly newIncarnation: () => string;
}

/** A reading that has no sequence yet. */
export type Draft = Omit<FrameRecord, 'sequence'>;

export interface LogCounters {
  /** Pending when the log was opened. */
  recovered: number;
  /** Left the disk because the server has them. */
  acked: number;
  /** Given up, by reason. `evicted` were on disk; `full`, `noSpace` and `io` never came to be; `corrupt` and `torn` were damaged; `oversize` is more than the broker takes. */
  dropped: {
    evicted: number;
    full: number;
    noSpace: number;
    io: number;
    corrupt: number;
    torn: number;
    oversize: number;
  };
  diskErrors: number;
}

export interface Appended {
  readonly stored: FrameRecord[];
  /** How many of the drafts were dealt with, stored or dropped, from the front; the rest waits (policy `block`). */
  readonly taken: number;
  readonly failed: 'full' | 'noSpace' | 'io' | undefined;
}

const SEGMENT_BYTES = { min: 4096, max: 1 << 20 };
const CHUNK_BYTES = 1 << 16;
/** What a record takes beside its payload, at most. */
const RECORD_BYTES = 48;

export class Log {
  readonly incarnation: string;
  readonly bootFirst: number;
  readonly setAside: readonly string[];
  readonly counters: LogCounters;
  private readonly disk: Disk;
  private readonly options: LogOptions;
  private readonly segmentBytes: number;
  private readonly segments: Segment[];
  private readonly reader: SegmentReader;
  private readonly unreadableFrom: number;
  private current: Segment | undefined;
  private dirty = new Set<Segment>();
  private next: number;
  private ackedSinceMark = 0;
  /** What was counted as dropped after it had been written. */
  private readonly givenUp = new RangeSet();

  constructor(disk: Disk, options: LogOptions) {
    const found: Recovered = recover(disk, options.newIncarnation);
    this.disk = disk;
    this.options = options;
    this.incarnation = found.incarnation;
    this.bootFirst = found.bootFirst;
    this.next = found.bootFirst;
    this.setAside = found.setAside;
    this.segments = found.segments;
    this.unreadableFrom = found.unreadableFrom;
    this.segmentBytes = Math.min(Math.max(options.bytesMax / 16, SEGMENT_BYTES.min), SEGMENT_BYTES.max);
    this.counters = {
      recovered: this.pending,
      acked: 0,
      dropped: {
        evicted: 0,
        full: 0,
        noSpace: 0,
        io: 0,
        corrupt: found.corrupt,
        torn: found.torn,
        oversize: 0,
      },
      diskErrors: 0,
    };
    this.reader = new SegmentReader(disk, (segment, sequences) => {
      this.counters.dropped.corrupt += sequences.reduce((sum, one) => sum + segment.settle(one, one), 0);
    });
    try {
      this.roll();
    } catch {
      this.counters.diskErrors++; // Tried again with the first reading: a full disk keeps no agent from starting.
    }
  }

  /** Readings on disk that the server does not have. */
  get pending(): number {
    return this.segments.reduce((sum, segment) => sum + segment.pending, 0);
  }

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Every sequence below is acknowledged or given up. */
  get floor(): number {
    for (const segment of this.segments) {
      const lowest = segment.lowestPending;
      if (lowest !== undefined) return Math.min(lowest, this.unreadableFrom);
    }
    return Math.min(this.next, this.unreadableFrom);
  }

  /** The sequence given last. */
  get last(): number {
    return this.next - 1;
  }

  isPending(sequence: number): boolean {
    return this.segments.some((segment) => segment.isPending(sequence));
  }

  /** Pending readings in order, as many as the request allows. */
  read(request: ReadRequest): FrameRecord[] {
    try {
      return this.reader.read(this.segments, request);
    } catch {
      this.counters.diskErrors++;
      return [];
    }
  }

  /** Writes readings in order; they are durable after the next `sync`. */
  append(drafts: readonly Draft[]): Appended {
    const stored: FrameRecord[] = [];
    let taken = 0;
    while (taken < drafts.length) {
      const records = this.chunk(drafts, taken);
      const failed = this.write(records);
      if (failed === undefined) stored.push(...records);
      else if (this.options.onFull === 'block') return { stored, taken, failed };
      else this.counters.dropped[failed] += records.length;
      this.next += records.length;
      taken += records.length;
    }
    return { stored, taken, failed: undefined };
  }

  /** Writes readings whose sync failed once more, elsewhere: what the disk said it could not keep is not trusted. */
  rewrite(records: readonly FrameRecord[]): 'full' | 'noSpace' | 'io' | undefined {
    this.forget(records);
    this.current = undefined;
    for (let at = 0; at < records.length;) {
      const chunk = fitting(records, at, this.chunkBytes);
      const failed = this.write(chunk);
      if (failed !== undefined) {
        this.forget(records);
        return failed;
      }
      at += chunk.length;
    }
    return undefined;
  }

  /** Counts readings that no try could make durable. */
  giveUp(records: readonly FrameRecord[], reason: 'noSpace' | 'io'): void {
    this.forget(records);
    // Their bytes may be on the disk all the same: a restart must not take them for pending.
    for (const { sequence } of records) this.givenUp.add(sequence);
    this.ackedSinceMark += records.length;
    this.counters.dropped[reason] += records.length;
  }

  /** Makes everything appended before durable. */
  sync(done: (error?: Error) => void): void {
    const names = [...this.dirty].map(({ name }) => name);
    this.dirty = new Set();
    let [left, failure] = [names.length, undefined as Error | undefined];
    if (left === 0) return done();
    for (const name of names) {
      this.disk.sync(name, (error) => {
        if (error !== undefined) this.counters.diskErrors++;
        failure ??= error;
        if (--left === 0) done(failure);
      });
    }
  }

  get isDirty(): boolean {
    return this.dirty.size > 0;
  }

  /** A file that failed to sync is written to no more. */
  abandon(): void {
    this.current = undefined;
  }

  /**
   * Takes what the server has stored off the disk.
   * @returns how many readings that were pending
   */
  ack(runs: readonly Run[]): number {
    let acked = 0;
    for (const [first, last] of runs) {
      for (const segment of this.segments) acked += segment.settle(first, last);
    }
    this.counters.acked += acked;
    this.ackedSinceMark += acked;
    if (acked > 0) this.sweep();
    return acked;
  }

  /** Gives up a reading that is on disk, and that the broker will never take. */
  reject(records: readonly FrameRecord[]): void {
    for (const { sequence } of records) {
      for (const segment of this.segments)
        this.counters.dropped.oversize += segment.settle(sequence, sequence);
    }
    this.sweep();
  }

  /** Notes on disk what is acknowledged but still there, so that a restart does not send it again. */
  mark(): void {
    if (this.ackedSinceMark === 0 || this.current === undefined) return;
    this.ackedSinceMark = 0;
    this.givenUp.removeBelow(this.segments[0]?.first ?? 0);
    const gone = new RangeSet([...this.segments, { gone: this.givenUp }].flatMap((one) => one.gone.toRuns()));
    if (gone.size === 0) return;
    try {
      this.put(this.current, encodeAcked(gone.toRuns()));
    } catch {
      this.counters.diskErrors++; // Costs a second sending, no more.
    }
  }

  /** Of one write. */
  private get chunkBytes(): number {
    return Math.min(CHUNK_BYTES, this.segmentBytes);
  }

  private chunk(drafts: readonly Draft[], from: number): FrameRecord[] {
    const fit = fitting(drafts, from, this.chunkBytes);
    return fit.map((draft, i) => Object.assign({ sequence: this.next + i }, draft));
  }

  private write(records: readonly FrameRecord[]): 'full' | 'noSpace' | 'io' | undefined {
    const dropsOldest = this.options.onFull === 'drop-oldest';
    for (let tries = 0; ; tries++) {
      try {
        const needed = records.reduce((sum, record) => sum + record.payload.length + RECORD_BYTES, 0);
        if (!this.makeRoom(needed)) return 'full';
        const segment = this.segmentFor(records);
        let before = segment.last;
        const encoded = records.map((record) => {
          const bytes = encodeReading(record, before);
          before = record.sequence;
          return bytes;
        });
        this.put(segment, Buffer.concat(encoded));
        for (const { sequence } of records) segment.present.add(sequence);
        segment.last = before;
        return undefined;
      } catch (error) {
        this.counters.diskErrors++;
        if (tries === 0) continue;
        if (!isFull(error)) return 'io';
        if (this.reclaim()) continue;
        if (!dropsOldest || !this.evict()) return 'noSpace';
      }
    }
  }

  private segmentFor(records: readonly FrameRecord[]): Segment {
    const first = records[0]?.sequence ?? this.next;
    const { current } = this;
    if (current === undefined) return this.roll(first);
    const full = current.bytes >= this.segmentBytes;
    const newBlock = Math.floor(first / BLOCK) > Math.floor(current.first / BLOCK);
    return full || newBlock ? this.roll(first) : current;
  }

  /** Begins a new segment; the one before stays until the new one's name is durable, because its name holds the block. */
  private roll(first = this.next): Segment {
    const copies = this.segments.filter((segment) => segment.first === first);
    const segment = new Segment(this.incarnation, first, (copies.at(-1)?.copy ?? -1) + 1);
    this.disk.create(segment.name);
    this.segments.push(segment);
    this.current = segment;
    this.sweep();
    return segment;
  }

  private put(segment: Segment, bytes: Uint8Array): void {
    let written = 0;
    try {
      while (written < bytes.length) {
        const count = this.disk.write(segment.name, segment.bytes + written, bytes.subarray(written));
        if (count <= 0) throw Object.assign(new Error('nothing was written'), { code: 'EIO' });
        written += count;
      }
    } catch (error) {
      this.cutBack(segment, written);
      throw error;
    }
    segment.bytes += bytes.length;
    this.dirty.add(segment);
  }

  private cutBack(segment: Segment, written: number): void {
    if (written === 0) return;
    try {
      this.disk.truncate(segment.name, segment.bytes);
    } catch {
      segment.bytes += written;
      this.current = undefined;
    }
  }

  private makeRoom(bytes: number): boolean {
    while (this.bytes + bytes > this.options.bytesMax) {
      const { current } = this;
      const rolled = current !== undefined && current.bytes > 0 && current.pending === 0;
      if (rolled) this.roll();
      else if (this.options.onFull !== 'drop-oldest' || !this.evict()) return false;
    }
    return true;
  }

  /** On a disk that is full, the segment being written may take all of it with what the server has long had. Returns whether that freed anything. */
  private reclaim(): boolean {
    const { current } = this;
    if (current === undefined || current.bytes === 0 || current.pending > 0) return false;
    this.empty(current);
    return current.bytes === 0;
  }

  /** Gives up the oldest segment. Returns whether that freed anything. */
  private evict(): boolean {
    const oldest = this.segments[0];
    const before = this.bytes;
    if (oldest === undefined || oldest.bytes === 0) return false;
    this.counters.dropped.evicted += oldest.settle(oldest.first, oldest.last);
    if (oldest === this.current || this.segments.length === 1) this.empty(oldest);
    else this.sweep();
    return this.bytes < before;
  }

  private empty(segment: Segment): void {
    try {
      this.disk.truncate(segment.name, 0);
      segment.bytes = 0;
      this.reader.forget();
    } catch {
      this.counters.diskErrors++;
    }
  }

  /** Removes segments that hold nothing pending; the newest stays, because its name holds the block. */
  private sweep(): void {
    const newest = this.segments.at(-1);
    const over = this.segments.filter((one) => one !== newest && one !== this.current && one.pending === 0);
    for (const segment of over) {
      try {
        this.disk.remove(segment.name);
      } catch {
        this.counters.diskErrors++;
        continue;
      }
      this.segments.splice(this.segments.indexOf(segment), 1);
      this.dirty.delete(segment);
    }
  }

  /** Not as `gone`: that is noted on disk, and would hold for the second writing too. */
  private forget(records: readonly FrameRecord[]): void {
    for (const { sequence } of records) {
      for (const segment of this.segments) segment.present.remove(sequence);
    }
  }
}

/** As many as one write takes, at least one. */
function fitting<T extends Draft>(drafts: readonly T[], from: number, bytesMax: number): T[] {
  let [to, bytes] = [from, 0];
  while (to < drafts.length && (to === from || bytes + (drafts[to] as T).payload.length < bytesMax)) {
    bytes += (drafts[to] as T).payload.length + RECORD_BYTES;
    to++;
  }
  return drafts.slice(from, to);
}
