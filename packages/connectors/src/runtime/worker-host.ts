import {
  checkGraph,
  planStages,
  type Graph,
  type HotKeys,
  type NumberedBlock,
  type ShareColumn,
  type StateEntry,
} from '@linnet/core/engine';
import { FlowWorker } from './flow-worker.ts';
import type { Delivery } from './mailbox.ts';
import {
  fromWire,
  toWire,
  type CrewStart,
  type FromPeer,
  type FromWorker,
  type Portion,
  type WorkOrder,
} from './messages.ts';
import { buffersOf } from './part-bytes.ts';
import { stateCodec } from './state-codec.ts';

/** How a worker speaks to the others; `transfer` are buffers that may be moved instead of copied. */
export interface Voice {
  toPeer(worker: number, message: FromPeer, transfer?: ArrayBuffer[]): void;
  toCoordinator(message: FromWorker, transfer?: ArrayBuffer[]): void;
}

/** A worker's messages in and out, whatever carries them. */
export class WorkerHost {
  private readonly worker: FlowWorker;
  private readonly voice: Voice;
  /** What peers sent before all states were restored; nothing is kept any more after that. */
  private early: (() => void)[] | undefined = [];
  /** What is on its way to each peer, and last to the coordinator, until the message at hand is done with. */
  private readonly parcels: readonly Parcel[];

  constructor(graph: Graph, own: number, start: CrewStart, voice: Voice, hot?: HotKeys) {
    const { workers, durable, firstBlock, progress } = start;
    checkGraph(graph);
    this.voice = voice;
    this.parcels = Array.from({ length: workers + 1 }, () => ({ portions: [], transfer: [] }));
    const outlets = {
      toPeer: (to: number, delivery: Delivery) => this.pack(delivery, to),
      toCoordinator: (delivery: Delivery) => this.pack(delivery, workers),
      part: (to: number, block: NumberedBlock) =>
        voice.toPeer(to, { type: 'part', block }, buffersOf(block.payload)),
      share: (source: string, by: ShareColumn) => voice.toCoordinator({ type: 'share', source, by }),
      epoch: (block: number, entries: readonly StateEntry[]) => {
        // The coordinator must have the records of the epoch first.
        this.flush();
        voice.toCoordinator({ type: 'epoch', block, entries });
      },
    };
    const ports = { codec: stateCodec, durable, ...(hot !== undefined && { hot }) };
    this.worker = new FlowWorker(planStages(graph), own, workers, outlets, ports, firstBlock);
    this.worker.restoreWatermarks(progress);
  }

  /** Does what the coordinator asks. */
  order(message: WorkOrder): void {
    if (message.type === 'block') {
      this.worker.block(message.block);
      this.flush();
    } else if (message.type === 'divide') {
      this.worker.divide(message.block);
      this.flush();
    } else if (message.type === 'restore') {
      this.worker.restore(message.entries);
    } else if (message.type === 'begin') {
      const { early = [] } = this;
      this.early = undefined;
      for (const hear of early) hear();
    } else {
      const { rejected } = this.worker;
      this.voice.toCoordinator({ type: 'finished', counts: [...this.worker.counts()], rejected });
    }
  }

  /** Takes what a peer sent. */
  hear(sender: number, message: FromPeer): void {
    if (this.early !== undefined) {
      this.early.push(() => this.hear(sender, message));
      return;
    }
    if (message.type === 'part') this.worker.block(message.block);
    else
      this.worker.deliver(
        message.portions.map((portion) => ({ ...portion, sender, batch: fromWire(portion.batch) })),
      );
    this.flush();
  }

  private pack({ edge, info, mark, steps, batch }: Delivery, to: number): void {
    const { portions, transfer } = this.parcels[to] as Parcel;
    portions.push({ edge, info, mark, steps, batch: toWire(batch, transfer) });
  }

  private flush(): void {
    this.parcels.forEach(({ portions, transfer }, to) => {
      if (portions.length === 0) return;
      const [own, buffers] = [portions.splice(0), transfer.splice(0)];
      if (to < this.parcels.length - 1) this.voice.toPeer(to, { type: 'portions', portions: own }, buffers);
      else this.voice.toCoordinator({ type: 'portions', portions: own }, buffers);
    });
  }
}

interface Parcel {
  readonly portions: Portion[];
  readonly transfer: ArrayBuffer[];
}
