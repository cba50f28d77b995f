import { Batch, EMPTY } from './batch.ts';
import type { NumberedBlock } from './reading.ts';
import type { Plan } from './plan.ts';
import type { Decoded } from './source.ts';
import { StageRunner, type BlockOrigin, type StepCounts } from './stage-runner.ts';

/** Entries of the sources that are no records: how many, and the first few in words. */
export interface RejectedEntries {
  count: number;
  readonly first: string[];
}

const REJECTED_SHOWN_MAX = 3;

/** A whole flow on one thread: every stage over one block, then the next. */
export class LocalFlow {
  readonly rejected: RejectedEntries = { count: 0, first: [] };
  private readonly plan: Plan;
  private readonly runners: readonly StageRunner[];
  private readonly batches: Batch[];

  constructor(plan: Plan) {
    this.plan = plan;
    this.runners = plan.stages.map((stage) => new StageRunner(stage));
    this.batches = plan.edges.map(() => EMPTY);
  }

  /** @returns what reaches each sink, by the sink's step id */
  process(block: NumberedBlock): Map<string, readonly unknown[]> {
    const origin = originOf(block);
    this.batches.fill(EMPTY);
    for (const runner of this.runners) {
      const { source, outputs } = runner.stage;
      if (source !== undefined && source !== block.source) continue;
      const outs = runner.run((edge) => this.input(edge, block, origin), origin);
      outputs.forEach(({ edge }, index) => {
        this.batches[edge] = outs[index] as Batch;
      });
    }
    const sinks = this.plan.edges.filter((edge) => edge.sink !== undefined);
    return new Map(sinks.map((edge) => [edge.sink as string, (this.batches[edge.index] as Batch).items]));
  }

  addCounts(into: Map<string, StepCounts>): void {
    for (const runner of this.runners) runner.addCounts(into);
  }

  private input(edge: number | 'source', block: NumberedBlock, origin: BlockOrigin): Batch {
    if (edge !== 'source') return this.batches[edge] as Batch;
    return decodeBlock(block, origin, this.rejected);
  }
}

export function originOf(block: NumberedBlock): BlockOrigin {
  const { source } = block.source;
  return {
    source: block.source.id,
    place: (index) =>
      `${source.place?.(block.first + index) ?? `record ${block.first + index + 1}`} of ${source.name}`,
  };
}

/** A block's records; entries that are none are counted in `rejected`. */
export function decodeBlock(block: NumberedBlock, origin: BlockOrigin, rejected: RejectedEntries): Batch {
  const decoded: Decoded<unknown> = block.source.source.decode(block.payload);
  rejected.count += decoded.rejected.length;
  for (const { at, why } of decoded.rejected) {
    if (rejected.first.length === REJECTED_SHOWN_MAX) break;
    rejected.first.push(`${origin.place(at)}: ${why}`);
  }
  return new Batch(decoded.items, decoded.positions === null ? null : [decoded.positions]);
}
