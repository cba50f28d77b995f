import {
  Decoder,
  EMPTY,
  NO_MARK,
  StageRunner,
  splitByKey,
  type Batch,
  type BlockInfo,
  type BlockMark,
  type Edge,
  type NumberedBlock,
  type Plan,
  type Ports,
  type RejectedEntries,
  type EventTimeProgress,
  type Stage,
  type StateEntry,
  type StepCounts,
} from '@linnet/core/engine';
import { Mailbox, type Delivery } from './mailbox.ts';
import { isSolo, portionsExpected, soloWorker } from './topology.ts';

/** Where a worker's results go. */
export interface Outlets {
  toPeer(worker: number, delivery: Delivery): void;
  toCoordinator(delivery: Delivery): void;
  /** The states that a stage changed in the epoch that ends with this block; once for each stage that can have any. */
  epoch(block: number, entries: readonly StateEntry[]): void;
}

interface Receiver {
  readonly stage: Stage;
  readonly runner: StageRunner;
  readonly mailbox: Mailbox;
  readonly step: number;
  next: number;
}

/**
 * One worker's part of a flow, without the thread. Source stages handle the blocks that are dealt to it; every other stage
 * handles all blocks in their order, each as soon as its parts from all workers are there.
 */
export class FlowWorker {
  private readonly plan: Plan;
  private readonly worker: number;
  private readonly workers: number;
  private readonly outlets: Outlets;
  private readonly decoder: Decoder;
  private readonly sources: readonly StageRunner[];
  private readonly receivers: readonly Receiver[];
  private readonly receiverOf = new Map<number, Receiver>();

  /** @param firstBlock number of the first block that the run will read */
  constructor(plan: Plan, worker: number, workers: number, outlets: Outlets, ports: Ports, firstBlock = 0) {
    this.plan = plan;
    this.worker = worker;
    this.workers = workers;
    this.outlets = outlets;
    this.decoder = new Decoder(plan.graph);
    const runnerPorts = { ...ports, place: this.decoder.place.bind(this.decoder) };
    this.sources = plan.stages
      .filter((stage) => stage.source !== undefined)
      .map((stage) => new StageRunner(stage, runnerPorts));
    this.receivers = plan.stages
      .filter((stage) => stage.source === undefined)
      .map((stage) => {
        const solo = isSolo(plan, stage);
        return {
          stage,
          runner: new StageRunner(stage, runnerPorts),
          mailbox: new Mailbox(portionsExpected(plan, stage.inputs, workers)),
          step: solo ? workers : 1,
          next: solo ? firstOwn(firstBlock, worker, workers) : firstBlock,
        };
      });
    for (const receiver of this.receivers) this.receiverOf.set(receiver.stage.index, receiver);
  }

  get rejected(): RejectedEntries {
    return this.decoder.rejected;
  }

  /** Takes a block that was dealt to this worker. */
  block(block: NumberedBlock): void {
    const { info } = block;
    const decoded = this.decoder.decode(block);
    for (const runner of this.sources) {
      const own = runner.stage.source?.id === info.source;
      const done = own ? runner.run(() => decoded, info, NO_MARK) : { batches: [], mark: NO_MARK };
      this.emit(runner.stage, info, done.mark, done.batches);
    }
    this.advance();
  }

  /** Takes a part of a block from another worker. */
  deliver(delivery: Delivery): void {
    this.put(delivery);
    this.advance();
  }

  /** Puts back states of keys that this worker owns. */
  restore(entries: readonly StateEntry[]): void {
    for (const entry of entries) {
      const taken = this.receivers.some(({ runner }) => runner.restoreState(entry));
      if (!taken) throw new Error(`no step takes back the state of step ${entry.step}`);
    }
  }

  restoreWatermarks(saved: EventTimeProgress): void {
    for (const { runner } of this.receivers) runner.watermarks.restore(saved);
  }

  counts(): Map<string, StepCounts> {
    const counts = new Map<string, StepCounts>();
    for (const runner of this.sources) runner.addCounts(counts);
    for (const { runner } of this.receivers) runner.addCounts(counts);
    return counts;
  }

  private advance(): void {
    for (const receiver of this.receivers) {
      for (;;) {
        const gathered = receiver.mailbox.take(receiver.next);
        if (gathered === undefined) break;
        receiver.next += receiver.step;
        const { info } = gathered;
        const input = (edge: number | 'source') => (edge === 'source' ? EMPTY : gathered.batch(edge));
        const done = receiver.runner.run(input, info, gathered.mark);
        this.emit(receiver.stage, info, done.mark, done.batches);
        if (info.epochEnd && !isSolo(this.plan, receiver.stage)) this.endEpoch(receiver, info.number);
      }
    }
  }

  private endEpoch({ runner }: Receiver, block: number): void {
    const entries: StateEntry[] = [];
    runner.drainState(entries);
    this.outlets.epoch(block, entries);
  }

  private emit(stage: Stage, info: BlockInfo, mark: BlockMark, batches: readonly Batch[]): void {
    stage.outputs.forEach(({ edge: index }, output) => {
      const edge = this.plan.edges[index] as Edge;
      const batch = batches[output] ?? EMPTY;
      const delivery = { edge: index, sender: this.worker, info, mark };
      if (edge.kind === 'gather') {
        this.outlets.toCoordinator({ ...delivery, batch });
      } else if (edge.kind === 'block') {
        this.send(soloWorker(info.number, this.workers), { ...delivery, batch });
      } else {
        splitByKey(batch, this.workers).forEach((own, worker) =>
          this.send(worker, { ...delivery, batch: own }),
        );
      }
    });
  }

  private send(worker: number, delivery: Delivery): void {
    if (worker === this.worker) this.put(delivery);
    else this.outlets.toPeer(worker, delivery);
  }

  private put(delivery: Delivery): void {
    const to = this.plan.edges[delivery.edge]?.to ?? -1;
    (this.receiverOf.get(to) as Receiver).mailbox.put(delivery);
  }
}

/** The first block from `first` on that this worker handles in its solo stages. */
function firstOwn(first: number, worker: number, workers: number): number {
  return first + ((((worker - first) % workers) + workers) % workers);
}
