/** What a worker thread runs: loads the flow, and then does what the coordinator says. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Graph } from '@linnet/core';
import { loadFlow } from './load-flow.ts';
import type { FromWorker, ThreadData, ToWorker } from './messages.ts';
import { ThreadWorker, guard } from './thread-worker.ts';

const { path, home, memory } = workerData as ThreadData;
const parent = parentPort as MessagePort;
const say = (message: FromWorker, transfer: ArrayBuffer[] = []) => parent.postMessage(message, transfer);
const worker = await loadFlow(path, home).then(
  (graph: Graph) => new ThreadWorker(graph, memory, say),
  (error: unknown) => ({
    // Nobody listens before the first message.
    receive: () =>
      guard(say, () => {
        throw error;
      }),
  }),
);
parent.on('message', (message: ToWorker) => worker.receive(message));
