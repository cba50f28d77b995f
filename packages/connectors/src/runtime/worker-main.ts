/** A worker thread of a threaded run: messages in and out around a FlowWorker. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { LinnetError } from '@linnet/core';
import { checkGraph, planStages, type StateEntry } from '@linnet/core/engine';
import { FlowWorker } from './flow-worker.ts';
import { loadFlow } from './load-flow.ts';
import type { Delivery } from './mailbox.ts';
import {
  fromWire,
  toWire,
  type FromWorker,
  type Portion,
  type ToWorker,
  type WorkerStart,
} from './messages.ts';
import { stateCodec } from './state-codec.ts';

const start = workerData as WorkerStart;
const parent = parentPort as MessagePort;
let peers: readonly (MessagePort | null)[] = [];

await guard(async () => {
  const graph = await loadFlow(start.path, start.home);
  checkGraph(graph);
  const outlets = {
    toPeer: (to: number, delivery: Delivery) => post(peers[to] as MessagePort, delivery),
    toCoordinator: (delivery: Delivery) => post(parent, delivery),
    epoch: (block: number, entries: readonly StateEntry[]) => say({ type: 'epoch', block, entries }),
  };
  const ports = { codec: stateCodec };
  const { worker: own, workers, firstBlock, watermarks } = start;
  const worker = new FlowWorker(planStages(graph), own, workers, outlets, ports, firstBlock);
  worker.restoreWatermarks(watermarks);
  parent.on('message', (message: ToWorker) => guard(() => receive(worker, message)));
  say({ type: 'ready' });
});

function receive(worker: FlowWorker, message: ToWorker): void {
  if (message.type === 'block') {
    worker.block(message.block);
  } else if (message.type === 'restore') {
    worker.restore(message.entries);
  } else if (message.type === 'finish') {
    say({ type: 'finished', counts: [...worker.counts()], rejected: worker.rejected });
  } else {
    peers = message.ports;
    peers.forEach((port, sender) =>
      port?.on('message', ({ edge, info, mark, batch }: Portion) =>
        guard(() => worker.deliver({ edge, sender, info, mark, batch: fromWire(batch) })),
      ),
    );
  }
}

function post(port: MessagePort, { edge, info, mark, batch }: Delivery): void {
  const buffers: ArrayBuffer[] = [];
  const portion: Portion = { type: 'portion', edge, info, mark, batch: toWire(batch, buffers) };
  port.postMessage(portion, buffers);
}

function say(message: FromWorker): void {
  parent.postMessage(message);
}

/** An error anywhere ends the run; the coordinator says it. */
async function guard(work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const known = error instanceof Error ? error : new Error(String(error));
    const code = error instanceof LinnetError ? error.code : null;
    say({ type: 'failed', code, message: known.message, stack: known.stack ?? '' });
  }
}
