import { Batch, EMPTY } from './batch.ts';
import type { BlockInfo } from './block.ts';
import { isSource, type Graph } from './graph.ts';
import type { NumberedBlock } from './reading.ts';
import type { Source } from './source.ts';

/** Entries of the sources that are no records: how many, and the first few in words. */
export interface RejectedEntries {
  count: number;
  readonly first: string[];
}

const REJECTED_SHOWN_MAX = 3;

/** Turns blocks of a flow's sources into records, and keeps count of what is none. */
export class Decoder {
  readonly rejected: RejectedEntries = { count: 0, first: [] };
  private readonly graph: Graph;
  private readonly worker: number;
  private readonly workers: number;

  /** @param worker whose share of a block is decoded where it is shared, of so many */
  constructor(graph: Graph, worker = 0, workers = 1) {
    this.graph = graph;
    this.worker = worker;
    this.workers = workers;
  }

  decode({ info, payload }: NumberedBlock): Batch {
    if ('items' in payload && payload.items.length === 0) return EMPTY;
    const { worker, workers } = this;
    const decoded = this.source(info).decode(payload, info.share && { ...info.share, worker, workers });
    this.rejected.count += decoded.rejected.length;
    for (const { at, why } of decoded.rejected) {
      if (this.rejected.first.length === REJECTED_SHOWN_MAX) break;
      this.rejected.first.push(`${this.place(info, at)}: ${why}`);
    }
    return new Batch(decoded.items, { ranks: decoded.positions === null ? null : [decoded.positions] });
  }

  /** Where entry `index` of a block stands in its source, for people. */
  place(info: BlockInfo, index: number): string {
    const source = this.source(info);
    return `${source.place?.(info.first + index) ?? `record ${info.first + index + 1}`} of ${source.name}`;
  }

  private source({ source: id }: BlockInfo): Source<unknown> {
    const step = this.graph.steps.get(id);
    if (step === undefined || !isSource(step)) throw new Error(`the flow has no source ${id}`);
    return step.source;
  }
}
