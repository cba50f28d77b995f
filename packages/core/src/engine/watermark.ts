import type { BlockInfo, BlockMark } from './block.ts';

interface Partition {
  mark: number;
  /** Processing time of the last block with records. */
  seen: number;
  ended: boolean;
  /** It was said to be silent. */
  idle?: boolean;
}

/** The partitions of each source, as plain data. */
export type SavedWatermarks = Readonly<Record<string, readonly Readonly<Partition>[]>>;

/** How far event time was, as plain data. */
export interface EventTimeProgress {
  readonly watermarks: SavedWatermarks;
  /**
   * The watermark of each set of sources that some step waits for, by their ids. It cannot be told from the partitions: it
   * stays where it was when one that had been idle, or had ended, holds back again. Absent in stores of before.
   */
  readonly reached?: Readonly<Record<string, number>>;
}

/**
 * The watermark of a stage: the minimum over the partitions of all sources that reach it, so that one partition read far
 * ahead of another makes nothing late. A partition that ended, or that was silent for its `idle`, holds nothing back.
 * It sees every block in order, so every worker comes to the same watermark at the same block.
 */
export class Watermarks {
  /** The ids of its sources, in order. */
  readonly name: string;
  private readonly sources = new Map<string, Partition[]>();
  private idleMs = Infinity;
  private own: Partition | undefined;
  private others = -Infinity;
  private before = -Infinity;
  private current = -Infinity;
  private reached = -Infinity;

  /** @param sources ids of the sources whose event time counts */
  constructor(sources: readonly string[]) {
    this.name = sources.toSorted().join(' ');
    for (const id of sources) this.sources.set(id, []);
  }

  /** The watermark after the block before this one. */
  get atStart(): number {
    return this.before;
  }

  /** The watermark after this block. */
  get atEnd(): number {
    return this.current;
  }

  /** Takes the next block; before the stage handles its records. */
  advance(block: BlockInfo, { mark, idleMs }: BlockMark): void {
    this.before = this.current;
    this.idleMs = Math.min(this.idleMs, idleMs);
    const own = this.partitionOf(block);
    this.others = this.minimum(block.now, own);
    this.own = own === undefined ? undefined : { ...own };
    if (own !== undefined) {
      if (mark > -Infinity) own.seen = block.now;
      if (block.idle === true) own.idle = true;
      else if (mark > -Infinity) delete own.idle;
      own.mark = Math.max(own.mark, mark);
      own.ended ||= block.ended;
    }
    this.reached = Math.max(this.before, this.minimum(block.now));
    this.current = block.last ? Infinity : this.reached;
  }

  /** The watermark at a record, from what the block's own records let it be up to there. */
  at(mark: number): number {
    if (this.own === undefined) return this.before;
    return Math.max(this.before, Math.min(this.others, Math.max(this.own.mark, mark)));
  }

  savePartitions(): SavedWatermarks {
    return Object.fromEntries(
      [...this.sources].map(([id, partitions]) => [id, partitions.map((own) => ({ ...own }))]),
    );
  }

  /** The watermark, but for what the end of the input made of it: an input may have grown when it is read again. */
  get saved(): number {
    return this.reached;
  }

  restore({ watermarks, reached }: EventTimeProgress): void {
    for (const [id, partitions] of Object.entries(watermarks)) {
      if (this.sources.has(id))
        this.sources.set(
          id,
          partitions.map((own) => ({ ...own })),
        );
    }
    this.reached = reached?.[this.name] ?? this.minimum(-Infinity);
    this.current = this.reached;
    this.before = this.reached;
  }

  private partitionOf(block: BlockInfo): Partition | undefined {
    const partitions = this.sources.get(block.source);
    if (partitions === undefined) return undefined;
    while (partitions.length < block.partitions)
      partitions.push({ mark: -Infinity, seen: block.now, ended: false });
    return partitions[block.partition];
  }

  /** The least mark of the partitions that hold back, but for one; Infinity if none does. */
  private minimum(now: number, except?: Partition): number {
    let least = Infinity;
    let highest = -Infinity;
    for (const partitions of this.sources.values()) {
      // A source that was not read yet holds everything back.
      if (partitions.length === 0) return -Infinity;
      for (const partition of partitions) {
        highest = Math.max(highest, partition.mark);
        const silent = partition.idle === true || now - partition.seen >= this.idleMs;
        if (partition !== except && !partition.ended && !silent) least = Math.min(least, partition.mark);
      }
    }
    // When every partition is idle or ended time stands still where the furthest one left it.
    return least === Infinity && except === undefined ? highest : least;
  }
}
