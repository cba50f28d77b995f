/** Reads pending readings back from the segments, one segment in memory at a time. */
import type { FrameRecord } from '@linnet/core/wire';
import type { Disk } from './disk.ts';
import { scan } from './record.ts';
import type { Segment } from './segment.ts';

export interface ReadRequest {
  /** Sequences above this one. */
  readonly after: number;
  /** Up to and with this one. */
  readonly through: number;
  readonly countMax: number;
  readonly bytesMax: number;
  /** Sequences to leave out. */
  readonly skip: (sequence: number) => boolean;
}

/** A part of a segment that is in memory. */
interface Chunk {
  readonly segment: Segment;
  /** Sequence of the reading before it. */
  readonly before: number;
  readonly records: readonly FrameRecord[];
  /** Behind its last good record, where the next chunk begins. */
  readonly end: number;
  /** What was looked at: no more to find until the segment is longer. */
  readonly through: number;
}

/** Holds any reading, and is small beside what the whole process takes. */
const CHUNK_BYTES = 64 << 10;

export class SegmentReader {
  private readonly disk: Disk;
  private readonly onMissing: (segment: Segment, sequences: readonly number[]) => void;
  private chunk: Chunk | undefined;

  /** @param onMissing told of readings that stood in a segment and can no longer be read */
  constructor(disk: Disk, onMissing: (segment: Segment, sequences: readonly number[]) => void) {
    this.disk = disk;
    this.onMissing = onMissing;
  }

  /** @throws what the disk throws */
  read(segments: readonly Segment[], request: ReadRequest): FrameRecord[] {
    const found: FrameRecord[] = [];
    let bytes = 0;
    for (const segment of segments) {
      if (segment.last <= request.after || segment.pending === 0) continue;
      if (segment.first > request.through) break;
      for (
        let chunk = this.seek(segment, request.after);
        chunk !== undefined;
        chunk = this.following(chunk)
      ) {
        const { records } = chunk;
        for (let i = firstAfter(records, request.after); i < records.length; i++) {
          const record = records[i] as FrameRecord;
          if (record.sequence > request.through) return found;
          if (!segment.isPending(record.sequence) || request.skip(record.sequence)) continue;
          bytes += record.payload.length;
          if (found.length >= request.countMax || (found.length > 0 && bytes > request.bytesMax))
            return found;
          // A group that was written twice stands in two segments.
          if (record.sequence > (found.at(-1)?.sequence ?? 0)) found.push(record);
        }
      }
    }
    return found;
  }

  forget(): void {
    this.chunk = undefined;
  }

  /** The chunk with the first reading above `after`. */
  private seek(segment: Segment, after: number): Chunk | undefined {
    let chunk = this.chunk;
    if (chunk?.segment !== segment || after < chunk.before) chunk = this.load(segment, 0, segment.first - 1);
    while (chunk !== undefined && lastOf(chunk) <= after) chunk = this.following(chunk);
    return chunk;
  }

  private following(chunk: Chunk): Chunk | undefined {
    const { segment, through, end } = chunk;
    return through < segment.bytes ? this.load(segment, end, lastOf(chunk)) : undefined;
  }

  private load(segment: Segment, from: number, before: number): Chunk {
    // Damage may be longer than a chunk: then more is read, until a good record or the end.
    for (let size = CHUNK_BYTES; ; size *= 2) {
      const through = Math.min(from + size, segment.bytes);
      const records: FrameRecord[] = [];
      const { end } = scan(this.disk.read(segment.name, from, through - from), 0, before, (entry) => {
        if (entry.kind === 'reading') records.push(entry.record);
      });
      const whole = through === segment.bytes;
      if (records.length === 0 && !whole) continue;
      const chunk = { segment, before, records, end: from + end, through };
      this.chunk = chunk;
      this.reportMissing(chunk, whole ? segment.last : lastOf(chunk));
      return chunk;
    }
  }

  private reportMissing({ segment, before, records }: Chunk, last: number): void {
    if (records.length >= segment.present.countIn(before + 1, last)) return;
    const here = new Set(records.map((record) => record.sequence));
    const missing: number[] = [];
    for (const [first, to] of segment.present.toRuns()) {
      for (let sequence = Math.max(first, before + 1); sequence <= Math.min(to, last); sequence++) {
        if (!here.has(sequence) && segment.isPending(sequence)) missing.push(sequence);
      }
    }
    if (missing.length > 0) this.onMissing(segment, missing);
  }
}

function lastOf({ records, before }: Chunk): number {
  return records.at(-1)?.sequence ?? before;
}

function firstAfter(records: readonly FrameRecord[], after: number): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle] as FrameRecord).sequence <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
