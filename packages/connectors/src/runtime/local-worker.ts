import type { Graph } from '@linnet/core';
import type { CrewEvents } from './crew.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { MemoryOptions } from './spill.ts';
import { ThreadWorker } from './thread-worker.ts';

/** A worker on the coordinator's own thread. It does one thing at a time, so that blocks are read and peers are heard in between. */
export class LocalWorker {
  private readonly worker: ThreadWorker;
  private readonly queue: ToWorker[] = [];
  private due: NodeJS.Immediate | undefined;

  constructor(graph: Graph, memory: MemoryOptions | undefined, own: number, events: CrewEvents) {
    const say = (message: FromWorker, transfer: ArrayBuffer[] = []) =>
      events.receive(own, message.type === 'portions' ? structuredClone(message, { transfer }) : message);
    this.worker = new ThreadWorker(graph, memory, say);
  }

  tell(message: ToWorker): void {
    this.queue.push(message);
    this.due ??= setImmediate(() => this.next());
  }

  close(): void {
    clearImmediate(this.due);
    this.worker.close();
  }

  private next(): void {
    const message = this.queue.shift();
    this.due = this.queue.length > 0 ? setImmediate(() => this.next()) : undefined;
    if (message !== undefined) this.worker.receive(message);
  }
}
