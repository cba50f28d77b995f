import { getCompileCacheDir } from 'node:module';
import { extname } from 'node:path';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { Graph } from '@linnet/core';
import type { Crew, CrewEvents } from './crew.ts';
import { LocalWorker } from './local-worker.ts';
import type { CrewStart, FromWorker, ThreadData, ToWorker } from './messages.ts';
import type { MemoryOptions } from './spill.ts';

export interface ThreadsOptions {
  readonly workers: number;
  /** The flow file and the module URL by which `loadFlow` finds it; every worker loads it for itself. */
  readonly path: string;
  readonly home: string;
  readonly memory?: MemoryOptions;
}

/** With more workers reading is what limits, and its thread does nothing else. */
const WORKERS_WITH_LOCAL = 2;

/** Workers in threads. They load their flow from the moment they are made; with two workers one is on this thread. */
export class Threads {
  private readonly options: ThreadsOptions;
  private readonly threads: readonly Worker[];
  private local: LocalWorker | undefined;
  private failure: Error | undefined;
  private fail: (error: Error) => void = () => undefined;

  constructor({ workers, path, home, memory }: ThreadsOptions) {
    this.options = { workers, path, home, ...(memory !== undefined && { memory }) };
    const script = new URL(`./worker-main${extname(import.meta.url)}`, import.meta.url);
    const compileCache = getCompileCacheDir() !== undefined;
    const workerData: ThreadData = { ...this.options, compileCache };
    const count = workers <= WORKERS_WITH_LOCAL ? workers - 1 : workers;
    this.threads = Array.from({ length: count }, () => new Worker(script, { workerData }));
    for (const thread of this.threads)
      thread.on('error', (error: Error) => {
        this.failure ??= error;
        this.fail(error);
      });
  }

  /** Begins a run. */
  start(graph: Graph, start: CrewStart, events: CrewEvents): Crew {
    const { workers, memory } = this.options;
    const local = this.threads.length < workers ? new LocalWorker(graph, memory, 0, events) : undefined;
    this.local = local;
    this.fail = events.fail;
    if (this.failure !== undefined) events.fail(this.failure);
    const tells = this.threads.map((thread, at) => {
      const own = at + workers - this.threads.length;
      thread.on('message', (message: FromWorker) => events.receive(own, message));
      return (message: ToWorker, transfer: readonly Transferred[]) =>
        thread.postMessage(message, [...transfer]);
    });
    if (local !== undefined) tells.unshift((message) => local.tell(message));
    const tell = (worker: number, message: ToWorker, transfer: readonly Transferred[] = []) =>
      tells[worker]?.(message, transfer);
    channels(workers).forEach((ports, worker) =>
      tell(
        worker,
        { type: 'start', worker, start, ports },
        ports.filter((port) => port !== null),
      ),
    );
    const dividers = this.threads.map((_, at) => at + workers - this.threads.length);
    return { dividers, tell, stop: () => this.stop() };
  }

  async stop(): Promise<void> {
    this.local?.close();
    this.local = undefined;
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }
}

type Transferred = ArrayBuffer | MessagePort;

/** A channel for every pair of workers: by worker its ports to the others. */
function channels(workers: number): (MessagePort | null)[][] {
  const ports = Array.from({ length: workers }, () => new Array<MessagePort | null>(workers).fill(null));
  for (let a = 0; a < workers; a++) {
    for (let b = a + 1; b < workers; b++) {
      const { port1, port2 } = new MessageChannel();
      (ports[a] as (MessagePort | null)[])[b] = port1;
      (ports[b] as (MessagePort | null)[])[a] = port2;
    }
  }
  return ports;
}
