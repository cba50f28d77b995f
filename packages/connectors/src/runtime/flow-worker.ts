import {
  EMPTY,
  StageRunner,
  decodeBlock,
  originOf,
  splitByKey,
  type Batch,
  type BlockOrigin,
  type Edge,
  type NumberedBlock,
  type Plan,
  type RejectedEntries,
  type Stage,
  type StepCounts,
} from '@linnet/core/engine';
import { Mailbox } from './mailbox.ts';
import { isSolo, portionsExpected, soloWorker } from './topology.ts';

/** Where a worker's portions go. */
export interface Outlets {
  toPeer(worker: number, edge: number, block: number, batch: Batch): void;
  toCoordinator(edge: number, block: number, batch: Batch): void;
}

interface Receiver {
  readonly stage: Stage;
  readonly runner: StageRunner;
  readonly mailbox: Mailbox;
  next: number;
  readonly step: number;
}

/**
 * One worker's part of a flow, without the thread. Source stages handle the blocks that are dealt to it; every other stage
 * handles all blocks in their order, each as soon as its portions from all workers are there.
 */
export class FlowWorker {
  readonly rejected: RejectedEntries = { count: 0, first: [] };
  private readonly plan: Plan;
  private readonly worker: number;
  private readonly workers: number;
  private readonly outlets: Outlets;
  private readonly sources: readonly StageRunner[];
  private readonly receivers: readonly Receiver[];
  private readonly receiverOf = new Map<number, Receiver>();

  constructor(plan: Plan, worker: number, workers: number, outlets: Outlets) {
    this.plan = plan;
    this.worker = worker;
    this.workers = workers;
    this.outlets = outlets;
    this.sources = plan.stages
      .filter((stage) => stage.source !== undefined)
      .map((stage) => new StageRunner(stage));
    this.receivers = plan.stages
      .filter((stage) => stage.source === undefined)
      .map((stage) => {
        const solo = isSolo(plan, stage);
        return {
          stage,
          runner: new StageRunner(stage),
          mailbox: new Mailbox(portionsExpected(plan, stage.inputs, workers)),
          next: solo ? worker : 0,
          step: solo ? workers : 1,
        };
      });
    for (const receiver of this.receivers) this.receiverOf.set(receiver.stage.index, receiver);
  }

  /** Takes a block that was dealt to this worker. */
  block(block: NumberedBlock): void {
    const origin = originOf(block);
    const decoded = decodeBlock(block, origin, this.rejected);
    for (const runner of this.sources) {
      const own = runner.stage.source?.id === block.source.id;
      this.emit(runner, block.number, own ? runner.run(() => decoded, origin) : []);
    }
    this.advance();
  }

  /** Takes a portion from another worker. */
  portion(edge: number, block: number, sender: number, batch: Batch): void {
    this.deliver(edge, block, sender, batch);
    this.advance();
  }

  counts(): Map<string, StepCounts> {
    const counts = new Map<string, StepCounts>();
    for (const runner of this.sources) runner.addCounts(counts);
    for (const { runner } of this.receivers) runner.addCounts(counts);
    return counts;
  }

  private advance(): void {
    for (const receiver of this.receivers) {
      for (
        let input = receiver.mailbox.take(receiver.next);
        input !== undefined;
        input = receiver.mailbox.take(receiver.next)
      ) {
        const { runner, next } = receiver;
        receiver.next += receiver.step;
        this.emit(
          runner,
          next,
          runner.run(
            (edge) => (edge === 'source' ? EMPTY : (input as (edge: number) => Batch)(edge)),
            originAfterExchange(next),
          ),
        );
      }
    }
  }

  private emit(runner: StageRunner, block: number, batches: readonly Batch[]): void {
    runner.stage.outputs.forEach(({ edge: index }, output) => {
      const edge = this.plan.edges[index] as Edge;
      const batch = batches[output] ?? EMPTY;
      if (edge.kind === 'gather') {
        this.outlets.toCoordinator(index, block, batch);
      } else if (edge.kind === 'block') {
        this.send(soloWorker(block, this.workers), index, block, batch);
      } else {
        splitByKey(batch, this.workers).forEach((own, worker) => this.send(worker, index, block, own));
      }
    });
  }

  private send(worker: number, edge: number, block: number, batch: Batch): void {
    if (worker === this.worker) this.deliver(edge, block, worker, batch);
    else this.outlets.toPeer(worker, edge, block, batch);
  }

  private deliver(edge: number, block: number, sender: number, batch: Batch): void {
    const receiver = this.receiverOf.get(this.plan.edges[edge]?.to ?? -1) as Receiver;
    receiver.mailbox.put(block, edge, sender, batch);
  }
}

function originAfterExchange(block: number): BlockOrigin {
  return { source: '', place: (index) => `record ${index + 1} of block ${block + 1}` };
}
