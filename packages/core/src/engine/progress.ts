import type { BlockInfo, BlockMark } from './block.ts';
import type { Stage } from './plan.ts';
import { Watermarks, type EventTimeProgress } from './watermark.ts';

/** Event time behind the blocks that were committed, as every stage sees it: what a checkpoint holds of it. */
export class Progress {
  private readonly sets: readonly Watermarks[];

  constructor(stages: readonly Stage[], saved: EventTimeProgress | null) {
    const sets = new Map<string, Watermarks>();
    const every = [...new Set(stages.flatMap(({ sources }) => sources))];
    for (const sources of [every, ...stages.map((stage) => stage.sources)]) {
      const set = new Watermarks(sources);
      if (!sets.has(set.name)) sets.set(set.name, set);
    }
    this.sets = [...sets.values()];
    if (saved !== null) for (const set of this.sets) set.restore(saved);
  }

  advance(block: BlockInfo, mark: BlockMark): void {
    for (const set of this.sets) set.advance(block, mark);
  }

  save(): EventTimeProgress {
    return {
      watermarks: this.sets[0]?.savePartitions() ?? {},
      reached: Object.fromEntries(this.sets.map(({ name, saved }) => [name, saved])),
    };
  }
}
