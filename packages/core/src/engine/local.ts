import { EMPTY, type Batch } from './batch.ts';
import { NO_MARK, type BlockMark } from './block.ts';
import { Decoder, type RejectedEntries } from './decode.ts';
import type { Ports } from './operator.ts';
import type { Plan } from './plan.ts';
import type { NumberedBlock } from './reading.ts';
import type { EventTimeProgress } from './watermark.ts';
import { StageRunner, type StepCounts } from './stage-runner.ts';
import type { StateEntry } from './state-entry.ts';

/** A whole flow on one thread: every stage over one block, then the next. */
export class LocalFlow {
  private readonly plan: Plan;
  private readonly decoder: Decoder;
  private readonly runners: readonly StageRunner[];
  private readonly batches: Batch[];

  constructor(plan: Plan, ports: Ports) {
    this.plan = plan;
    this.decoder = new Decoder(plan.graph);
    const place = this.decoder.place.bind(this.decoder);
    this.runners = plan.stages.map((stage) => new StageRunner(stage, { ...ports, place }));
    this.batches = plan.edges.map(() => EMPTY);
  }

  get rejected(): RejectedEntries {
    return this.decoder.rejected;
  }

  /** @returns what reaches each sink, by the sink's step id, and what was learned of the block's event time */
  process(block: NumberedBlock): {
    readonly outputs: Map<string, readonly unknown[]>;
    readonly mark: BlockMark;
  } {
    const decoded = this.decoder.decode(block);
    let mark: BlockMark = NO_MARK;
    this.batches.fill(EMPTY);
    for (const runner of this.runners) {
      const { source, outputs } = runner.stage;
      if (source !== undefined && source.id !== block.info.source) continue;
      const input = (edge: number | 'source') =>
        edge === 'source' ? decoded : (this.batches[edge] as Batch);
      const done = runner.run(input, block.info, mark);
      mark = done.mark;
      outputs.forEach(({ edge }, index) => {
        this.batches[edge] = done.batches[index] as Batch;
      });
    }
    const sinks = this.plan.edges.filter((edge) => edge.sink !== undefined);
    const outputs = new Map(
      sinks.map((edge) => [edge.sink as string, (this.batches[edge.index] as Batch).items]),
    );
    return { outputs, mark };
  }

  addCounts(into: Map<string, StepCounts>): void {
    for (const runner of this.runners) runner.addCounts(into);
  }

  /** The states that changed since the last call. */
  drainState(): StateEntry[] {
    const entries: StateEntry[] = [];
    for (const runner of this.runners) runner.drainState(entries);
    return entries;
  }

  restoreWatermarks(saved: EventTimeProgress): void {
    for (const runner of this.runners) runner.watermarks.restore(saved);
  }

  /** Puts a state back; says whether the flow has its step. */
  restoreState(entry: StateEntry): boolean {
    return this.runners.some((runner) => runner.restoreState(entry));
  }
}
