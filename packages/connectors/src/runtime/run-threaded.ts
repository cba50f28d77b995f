import { extname } from 'node:path';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { Graph } from '@linnet/core';
import type { RunOptions, RunResult } from '@linnet/core/engine';
import { runWithCrew } from './coordinator.ts';
import type { Crew, CrewEvents } from './crew.ts';
import type { CrewStart, FromWorker, ToWorker, WorkerStart } from './messages.ts';
import type { MemoryOptions } from './spill.ts';

export interface ThreadedOptions extends RunOptions {
  readonly workers: number;
  /** The flow file and the module URL by which `loadFlow` finds it; every worker loads it for itself. */
  readonly path: string;
  readonly home: string;
  readonly memory?: MemoryOptions;
}

/** Runs a flow on several worker threads; see `runWithCrew`. */
export function runThreaded(graph: Graph, options: ThreadedOptions): Promise<RunResult> {
  return runWithCrew(graph, {
    clock: Date,
    ...options,
    start: (start, events) => startThreads(options, start, events),
  });
}

function startThreads({ path, home, memory }: ThreadedOptions, start: CrewStart, events: CrewEvents): Crew {
  const script = new URL(`./worker-main${extname(import.meta.url)}`, import.meta.url);
  const threads = Array.from({ length: start.workers }, (_, index) => {
    const shared = { ...start, path, home, ...(memory !== undefined && { memory }) };
    const workerData: WorkerStart = { ...shared, worker: index };
    const thread = new Worker(script, { workerData });
    thread.on('message', (message: FromWorker) => events.receive(index, message));
    thread.on('error', (error: Error) => events.fail(error));
    return thread;
  });
  connect(threads);
  return {
    tell: (worker, message, transfer = []) => tell(threads[worker] as Worker, message, transfer),
    stop: async () => {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

/** Gives every pair of workers a channel of their own. */
function connect(workers: readonly Worker[]): void {
  const ports = workers.map(() => new Array<MessagePort | null>(workers.length).fill(null));
  for (let a = 0; a < workers.length; a++) {
    for (let b = a + 1; b < workers.length; b++) {
      const { port1, port2 } = new MessageChannel();
      (ports[a] as (MessagePort | null)[])[b] = port1;
      (ports[b] as (MessagePort | null)[])[a] = port2;
    }
  }
  workers.forEach((worker, index) => {
    const own = ports[index] as (MessagePort | null)[];
    tell(
      worker,
      { type: 'peers', ports: own },
      own.filter((port) => port !== null),
    );
  });
}

function tell(
  worker: Worker,
  message: ToWorker,
  transfer: readonly (ArrayBuffer | MessagePort)[] = [],
): void {
  worker.postMessage(message, [...transfer]);
}
