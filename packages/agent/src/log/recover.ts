/** What a folder holds when the agent starts: every good record of every segment, whatever happened to the rest. */
import { RangeSet, nextBlock, type Run } from '@linnet/core/wire';
import type { Disk } from './disk.ts';
import { scan } from './record.ts';
import { Segment, parseName, type SegmentName } from './segment.ts';

export interface Recovered {
  readonly incarnation: string;
  /** First sequence of this start: a block that no earlier start can have used. */
  readonly bootFirst: number;
  /** In order of their first sequence. */
  readonly segments: Segment[];
  /** Readings that are damaged between good ones, and were not acknowledged. */
  readonly corrupt: number;
  /** Segments that end in a write that was cut off. */
  readonly torn: number;
  /** Files that cannot be read now, or belong to another buffer: left alone. */
  readonly setAside: readonly string[];
  /** Lowest sequence that an unreadable segment may hold: the floor must not pass it. */
  readonly unreadableFrom: number;
}

type File = SegmentName & { readonly name: string; readonly bytes: number };

/** @param newIncarnation drawn when the folder is new */
export function recover(disk: Disk, newIncarnation: () => string): Recovered {
  const files = disk
    .list()
    .flatMap((file): File[] => {
      const parsed = parseName(file.name);
      return parsed === undefined ? [] : [{ ...parsed, ...file }];
    })
    .toSorted((a, b) => a.first - b.first || a.copy - b.copy);
  const incarnation = files.at(-1)?.incarnation ?? newIncarnation();
  const segments: Segment[] = [];
  const acked: Run[] = [];
  const setAside: string[] = [];
  const damaged = new RangeSet();
  let [torn, highest, unreadableFrom] = [0, 0, Infinity];
  for (const file of files) {
    if (file.incarnation !== incarnation) {
      setAside.push(file.name);
      continue;
    }
    highest = Math.max(highest, file.first);
    try {
      const found = recoverSegment(disk, file, segments, acked);
      for (const [first, last] of found.damaged) damaged.add(first, last);
      torn += found.torn ? 1 : 0;
      highest = Math.max(highest, found.segment.last);
      segments.push(found.segment);
    } catch {
      setAside.push(file.name);
      unreadableFrom = Math.min(unreadableFrom, file.first);
    }
  }
  for (const [first, last] of acked) {
    for (const segment of segments) segment.settle(first, last);
    damaged.remove(first, last);
  }
  const bootFirst = files.length === 0 ? 1 : nextBlock(highest);
  return { incarnation, bootFirst, segments, corrupt: damaged.size, torn, setAside, unreadableFrom };
}

function recoverSegment(disk: Disk, file: File, earlier: readonly Segment[], acked: Run[]) {
  const segment = new Segment(file.incarnation, file.first, file.copy);
  segment.bytes = file.bytes;
  const known = Math.max(0, ...earlier.map(({ last }) => last));
  const { damaged, torn } = scan(disk.read(file.name, 0, file.bytes), 0, segment.last, (entry) => {
    if (entry.kind === 'acked') {
      acked.push(...entry.runs);
      return;
    }
    const { sequence } = entry.record;
    if (sequence < file.first) return;
    segment.last = Math.max(segment.last, sequence);
    // A group was written twice because the first file failed to sync: only the second copy can be trusted to be on the disk.
    if (sequence <= known) for (const one of earlier) one.present.remove(sequence);
    segment.present.add(sequence);
  });
  return { segment, damaged, torn };
}
