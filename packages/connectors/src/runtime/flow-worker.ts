import {
  Decoder,
  EMPTY,
  NO_MARK,
  StageRunner,
  shareColumn,
  splitByKey,
  type Batch,
  type BlockInfo,
  type BytesPayload,
  type Edge,
  type NumberedBlock,
  type Plan,
  type Ports,
  type RejectedEntries,
  type EventTimeProgress,
  type ShareColumn,
  type Stage,
  type StageResult,
  type StateEntry,
  type StepCounts,
} from '@linnet/core/engine';
import { copyOf, release } from './part-bytes.ts';
import { Mailbox, type Delivery } from './mailbox.ts';
import { isSolo, portionsExpected, soloWorker } from './topology.ts';

/** Where a worker's results go. */
export interface Outlets {
  toPeer(worker: number, delivery: Delivery): void;
  toCoordinator(delivery: Delivery): void;
  /** A peer's part of a block that was divided here. */
  part(worker: number, block: NumberedBlock): void;
  /** Found out: blocks of this source can be divided. */
  share(source: string, by: ShareColumn): void;
  /** The states that a stage changed in the epoch that ends with this block; once for each stage that can have any. */
  epoch(block: number, entries: readonly StateEntry[]): void;
}

/** Blocks of a source in which the column of the key is looked for. */
const LOOKS = 4;

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
  /** Those that get their records from sources alone. */
  private readonly firstReceivers: readonly Receiver[];
  /** Blocks that are not handled yet. */
  private readonly waiting: NumberedBlock[] = [];
  private readonly receiverOf = new Map<number, Receiver>();
  /** By the index of its stage: how often its blocks are still looked at. */
  private readonly looks = new Map<number, number>();

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
    this.firstReceivers = this.receivers.filter(
      ({ stage, step }) =>
        step === 1 &&
        stage.inputs.every((edge) => plan.stages[plan.edges[edge]?.from ?? 0]?.source !== undefined),
    );
    for (const { stage, canShare } of this.sources)
      if (canShare && workers > 1) this.looks.set(stage.index, LOOKS);
    for (const receiver of this.receivers) this.receiverOf.set(receiver.stage.index, receiver);
  }

  get rejected(): RejectedEntries {
    return this.decoder.rejected;
  }

  /** Takes a block that was dealt to this worker, or its part of one. */
  block(block: NumberedBlock): void {
    // Parts come from several workers.
    const later = this.waiting.findIndex(({ info }) => info.number > block.info.number);
    this.waiting.splice(later < 0 ? this.waiting.length : later, 0, block);
    this.advance();
  }

  /** Puts a block apart for all workers. */
  divide(block: NumberedBlock): void {
    const { info } = block;
    // First to the others, who may be waiting for it.
    const parts = this.decoder.divide(block, this.workers).map((part, worker) => {
      const own = copyOf(part);
      if (worker !== this.worker) this.outlets.part(worker, { info, payload: own });
      return own;
    });
    release(block.payload);
    this.block({ info, payload: parts[this.worker] as BytesPayload });
  }

  private handle(block: NumberedBlock): void {
    const { info } = block;
    const decoded = this.decoder.decode(block);
    if (info.share !== undefined) release(block.payload);
    for (const runner of this.sources) {
      const own = runner.stage.source?.id === info.source;
      const done = own ? runner.run(() => decoded, info, NO_MARK) : NOTHING;
      if (own) this.lookForShare(runner.stage, decoded, done.batches);
      this.emit(runner.stage, info, done);
    }
  }

  /** Takes parts of blocks from another worker. */
  deliver(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.put(delivery);
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
    this.receive();
    for (let block = this.waiting[0]; block !== undefined && !this.isAhead(block); block = this.waiting[0]) {
      this.waiting.shift();
      this.handle(block);
      this.receive();
    }
  }

  /** Records that wait for other workers' parts are expensive for the garbage collector: of a shared block the parts come soon. */
  private isAhead({ info }: NumberedBlock): boolean {
    return info.share !== undefined && this.firstReceivers.some(({ next }) => next < info.number - 1);
  }

  private receive(): void {
    for (const receiver of this.receivers) {
      for (;;) {
        const gathered = receiver.mailbox.take(receiver.next);
        if (gathered === undefined) break;
        receiver.next += receiver.step;
        const { info } = gathered;
        const input = (edge: number | 'source') => (edge === 'source' ? EMPTY : gathered.batch(edge));
        const done = receiver.runner.run(input, info, gathered.mark);
        this.emit(receiver.stage, info, done);
        if (info.epochEnd && !isSolo(this.plan, receiver.stage)) this.endEpoch(receiver, info.number);
      }
    }
  }

  private endEpoch({ runner }: Receiver, block: number): void {
    const entries: StateEntry[] = [];
    runner.drainState(entries);
    this.outlets.epoch(block, entries);
  }

  /** Whether a column of the source is what the records are keyed by. */
  private lookForShare(stage: Stage, decoded: Batch, batches: readonly Batch[]): void {
    const left = this.looks.get(stage.index) ?? 0;
    if (left === 0 || decoded.length === 0) return;
    this.looks.set(stage.index, left - 1);
    const keyed = stage.outputs.findIndex(({ edge }) => this.plan.edges[edge]?.kind === 'key');
    const by = shareColumn(decoded, batches[keyed] ?? EMPTY);
    if (by === undefined) return;
    this.looks.set(stage.index, 0);
    this.outlets.share(stage.source?.id ?? '', by);
  }

  private emit(stage: Stage, info: BlockInfo, { mark, steps, batches }: StageResult): void {
    stage.outputs.forEach(({ edge: index }, output) => {
      const edge = this.plan.edges[index] as Edge;
      const batch = batches[output] ?? EMPTY;
      const delivery = { edge: index, sender: this.worker, info, mark, steps };
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

/** Of a block of another source. */
const NOTHING: StageResult = { batches: [], mark: NO_MARK };

/** The first block from `first` on that this worker handles in its solo stages. */
function firstOwn(first: number, worker: number, workers: number): number {
  return first + ((((worker - first) % workers) + workers) % workers);
}
