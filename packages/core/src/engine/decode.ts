import { Batch, EMPTY } from './batch.ts';
import type { BlockInfo } from './block.ts';
import { isSource, type Graph } from './graph.ts';
import type { NumberedBlock } from './reading.ts';
import type { BytesPayload, Source } from './source.ts';

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

  constructor(graph: Graph) {
    this.graph = graph;
  }

  decode({ info, payload }: NumberedBlock): Batch {
    if ('items' in payload && payload.items.length === 0) return EMPTY;
    const decoded = this.source(info).decode(payload);
    this.rejected.count += decoded.rejected.length;
    for (const { at, why } of decoded.rejected) {
      if (this.rejected.first.length === REJECTED_SHOWN_MAX) break;
      this.rejected.first.push(`${this.place(info, at)}: ${why}`);
    }
    return new Batch(decoded.items, { ranks: decoded.positions === null ? null : [decoded.positions] });
  }

  /** Puts a block apart for so many workers; what comes is valid until the next call. */
  divide({ info, payload }: NumberedBlock, workers: number): BytesPayload[] {
    const source = this.source(info);
    if (source.divide === undefined || info.share === undefined || !('bytes' in payload))
      throw new Error(`block ${info.number} of ${info.source} cannot be divided`);
    return source.divide(payload, info.share, workers);
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
