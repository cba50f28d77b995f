import { checkGraph, planStages, type Graph, type HotKeys, type StateEntry } from '@linnet/core/engine';
import { FlowWorker } from './flow-worker.ts';
import type { Delivery } from './mailbox.ts';
import {
  fromWire,
  toWire,
  type CrewStart,
  type FromWorker,
  type Portion,
  type WorkOrder,
} from './messages.ts';
import { stateCodec } from './state-codec.ts';

/** How a worker speaks to the others; `transfer` are buffers that may be moved instead of copied. */
export interface Voice {
  toPeer(worker: number, portion: Portion, transfer: ArrayBuffer[]): void;
  toCoordinator(message: FromWorker, transfer?: ArrayBuffer[]): void;
}

/** A worker's messages in and out, whatever carries them. */
export class WorkerHost {
  private readonly worker: FlowWorker;
  private readonly voice: Voice;

  constructor(graph: Graph, own: number, start: CrewStart, voice: Voice, hot?: HotKeys) {
    const { workers, durable, firstBlock, progress } = start;
    checkGraph(graph);
    this.voice = voice;
    const outlets = {
      toPeer: (to: number, delivery: Delivery) =>
        this.pack(delivery, (portion, transfer) => voice.toPeer(to, portion, transfer)),
      toCoordinator: (delivery: Delivery) =>
        this.pack(delivery, (portion, transfer) => voice.toCoordinator(portion, transfer)),
      epoch: (block: number, entries: readonly StateEntry[]) =>
        voice.toCoordinator({ type: 'epoch', block, entries }),
    };
    const ports = { codec: stateCodec, durable, ...(hot !== undefined && { hot }) };
    this.worker = new FlowWorker(planStages(graph), own, workers, outlets, ports, firstBlock);
    this.worker.restoreWatermarks(progress);
  }

  /** Does what the coordinator asks. */
  order(message: WorkOrder): void {
    if (message.type === 'block') {
      this.worker.block(message.block);
    } else if (message.type === 'restore') {
      this.worker.restore(message.entries);
    } else if (message.type === 'begin') {
      this.voice.toCoordinator({ type: 'ready' });
    } else {
      const { rejected } = this.worker;
      this.voice.toCoordinator({ type: 'finished', counts: [...this.worker.counts()], rejected });
    }
  }

  /** Takes what a peer sent. */
  hear(sender: number, { edge, info, mark, batch }: Portion): void {
    this.worker.deliver({ edge, sender, info, mark, batch: fromWire(batch) });
  }

  private pack(
    { edge, info, mark, batch }: Delivery,
    send: (portion: Portion, transfer: ArrayBuffer[]) => void,
  ): void {
    const transfer: ArrayBuffer[] = [];
    send({ type: 'portion', edge, info, mark, batch: toWire(batch, transfer) }, transfer);
  }
}
