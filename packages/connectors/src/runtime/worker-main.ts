/** A worker thread of a threaded run: messages in and out around a FlowWorker. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { LinnetError } from '@linnet/core';
import { loadFlow } from './load-flow.ts';
import type { FromWorker, Portion, ToWorker, WorkerStart } from './messages.ts';
import { hotKeys } from './spill.ts';
import { WorkerHost, type Voice } from './worker-host.ts';

const start = workerData as WorkerStart;
const parent = parentPort as MessagePort;
let peers: readonly (MessagePort | null)[] = [];

await guard(async () => {
  const graph = await loadFlow(start.path, start.home);
  const voice: Voice = {
    toPeer: (to, portions, transfer) => (peers[to] as MessagePort).postMessage(portions, transfer),
    toCoordinator: say,
  };
  const { memory, workers } = start;
  const host = new WorkerHost(graph, start.worker, start, voice, memory && hotKeys(memory, workers));
  parent.on('message', (message: ToWorker) => guard(() => receive(host, message)));
});

function receive(host: WorkerHost, message: ToWorker): void {
  if (message.type !== 'peers') return host.order(message);
  peers = message.ports;
  peers.forEach((port, sender) =>
    port?.on('message', (portions: readonly Portion[]) => guard(() => host.hear(sender, portions))),
  );
}

function say(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  parent.postMessage(message, transfer);
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
