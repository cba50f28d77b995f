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

interface Loaded {
  readonly segment: Segment;
  readonly records: FrameRecord[];
  /** End of the last good record: what is appended later is read from there. */
  end: number;
  bytes: number;
}

export class SegmentReader {
  private readonly disk: Disk;
  private readonly onMissing: (segment: Segment, sequences: readonly number[]) => void;
  private loaded: Loaded | undefined;

  /** @param onMissing told of readings that stood in a segment and can no longer be read */
  constructor(disk: Disk, onMissing: (segment: Segment, sequences: readonly number[]) => void) {
    this.disk = disk;
    this.onMissing = onMissing;
  }

  /** @throws what the disk throws, when nothing could be read before it failed */
  read(segments: readonly Segment[], request: ReadRequest): FrameRecord[] {
    const found: FrameRecord[] = [];
    let bytes = 0;
    for (const segment of segments) {
      if (segment.last <= request.after || segment.pending === 0) continue;
      if (segment.first > request.through) break;
      const records = this.load(segment);
      for (let i = firstAfter(records, request.after); i < records.length; i++) {
        const record = records[i] as FrameRecord;
        if (record.sequence > request.through) return found;
        if (!segment.isPending(record.sequence) || request.skip(record.sequence)) continue;
        bytes += record.payload.length;
        if (found.length >= request.countMax || (found.length > 0 && bytes > request.bytesMax)) return found;
        // A group that was written twice stands in two segments.
        if (record.sequence > (found.at(-1)?.sequence ?? 0)) found.push(record);
      }
    }
    return found;
  }

  forget(): void {
    this.loaded = undefined;
  }

  private load(segment: Segment): readonly FrameRecord[] {
    if (this.loaded?.segment !== segment) this.loaded = { segment, records: [], end: 0, bytes: 0 };
    const { loaded } = this;
    if (loaded.bytes >= segment.bytes) return loaded.records;
    const bytes = this.disk.read(segment.name, loaded.end, segment.bytes - loaded.end);
    const before = loaded.records.at(-1)?.sequence ?? segment.first - 1;
    const { end } = scan(bytes, 0, before, (entry) => {
      if (entry.kind === 'reading') loaded.records.push(entry.record);
    });
    loaded.end += end;
    loaded.bytes = segment.bytes;
    this.reportMissing(segment, loaded.records);
    return loaded.records;
  }

  private reportMissing(segment: Segment, records: readonly FrameRecord[]): void {
    if (records.length >= segment.present.size) return;
    const here = new Set(records.map((record) => record.sequence));
    const missing: number[] = [];
    for (const [first, last] of segment.present.toRuns()) {
      for (let sequence = first; sequence <= last; sequence++) {
        if (!here.has(sequence) && segment.isPending(sequence)) missing.push(sequence);
      }
    }
    if (missing.length > 0) this.onMissing(segment, missing);
  }
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
