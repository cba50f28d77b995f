/** A worker thread of a threaded run: messages in and out around a FlowWorker. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { LinnetError } from '@linnet/core';
import {
  checkGraph,
  isSource,
  planStages,
  type Batch,
  type Graph,
  type NumberedBlock,
} from '@linnet/core/engine';
import { FlowWorker } from './flow-worker.ts';
import { loadFlow } from './load-flow.ts';
import {
  fromWire,
  toWire,
  type DealtBlock,
  type FromWorker,
  type Portion,
  type ToWorker,
  type WorkerStart,
} from './messages.ts';

const start = workerData as WorkerStart;
const parent = parentPort as MessagePort;
let peers: readonly (MessagePort | null)[] = [];

await guard(async () => {
  const graph = await loadFlow(start.path, start.home);
  checkGraph(graph);
  const worker = new FlowWorker(planStages(graph), start.worker, start.workers, {
    toPeer: (to, edge, block, batch) => post(peers[to] as MessagePort, edge, block, batch),
    toCoordinator: (edge, block, batch) => post(parent, edge, block, batch),
  });
  parent.on('message', (message: ToWorker) => guard(() => receive(worker, graph, message)));
  say({ type: 'ready' });
});

function receive(worker: FlowWorker, graph: Graph, message: ToWorker): void {
  if (message.type === 'block') {
    worker.block(dealt(graph, message));
  } else if (message.type === 'finish') {
    say({ type: 'finished', counts: [...worker.counts()], rejected: worker.rejected });
  } else {
    peers = message.ports;
    peers.forEach((port, sender) =>
      port?.on('message', ({ edge, block, batch }: Portion) =>
        guard(() => worker.portion(edge, block, sender, fromWire(batch))),
      ),
    );
  }
}

function dealt(graph: Graph, { block, source, first, payload }: DealtBlock): NumberedBlock {
  const step = graph.steps.get(source);
  if (step === undefined || !isSource(step))
    throw new Error(`the flow has no source ${source} in this worker`);
  return { number: block, source: step, first, payload };
}

function post(port: MessagePort, edge: number, block: number, batch: Batch): void {
  const buffers: ArrayBuffer[] = [];
  const portion: Portion = { type: 'portion', edge, block, batch: toWire(batch, buffers) };
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
    say({
      type: 'failed',
      code: error instanceof LinnetError ? error.code : null,
      message: known.message,
      stack: known.stack ?? '',
    });
  }
}
