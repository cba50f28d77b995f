import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { LinnetError, type Graph } from '@linnet/core';
import {
  BlockReader,
  OpenSinks,
  checkGraph,
  planStages,
  summarise,
  type Edge,
  type NumberedBlock,
  type Plan,
  type RejectedEntries,
  type RunOptions,
  type RunResult,
  type StepCounts,
} from '@linnet/core/engine';
import { Mailbox } from './mailbox.ts';
import { fromWire, type FromWorker, type ToWorker, type WorkerStart } from './messages.ts';
import { portionsExpected, soloWorker } from './topology.ts';

/** Blocks a worker may be ahead of the sinks: bounds what lies in mailboxes. */
const BLOCKS_AHEAD = 4;

export interface ThreadedOptions extends RunOptions {
  readonly workers: number;
  /** The flow file and the module URL by which `loadFlow` finds it; every worker loads it for itself. */
  readonly path: string;
  readonly home: string;
}

/**
 * Runs a flow on several worker threads. Blocks of the sources are dealt out in turn; sinks run here and get the records in
 * the order of the source. The result is that of one thread, whatever the number of workers.
 */
export async function runThreaded(graph: Graph, options: ThreadedOptions): Promise<RunResult> {
  checkGraph(graph);
  const run = new ThreadedRun(graph, options);
  try {
    return await run.toEnd();
  } finally {
    await run.stop();
  }
}

class ThreadedRun {
  private readonly graph: Graph;
  private readonly plan: Plan;
  private readonly options: ThreadedOptions;
  private readonly workers: readonly Worker[];
  private readonly gathers: readonly Edge[];
  private readonly mailbox: Mailbox;
  private readonly sinks: OpenSinks;
  private readonly reader: BlockReader;
  private readonly counts = new Map<string, StepCounts>();
  private readonly rejected: RejectedEntries = { count: 0, first: [] };
  private ready = 0;
  private finished = 0;
  private dealt = 0;
  private written = 0;
  private failure: Error | undefined;
  private wake: () => void = () => undefined;

  constructor(graph: Graph, options: ThreadedOptions) {
    this.graph = graph;
    this.plan = planStages(graph);
    this.options = options;
    this.gathers = this.plan.edges.filter((edge) => edge.kind === 'gather');
    this.mailbox = new Mailbox(
      portionsExpected(
        this.plan,
        this.gathers.map((edge) => edge.index),
        options.workers,
      ),
    );
    this.sinks = new OpenSinks(graph, options);
    this.reader = new BlockReader(graph, options.limit ?? Infinity, options.clock ?? Date);
    this.workers = Array.from({ length: options.workers }, (_, worker) => this.start(worker));
    connect(this.workers);
  }

  async toEnd(): Promise<RunResult> {
    await this.until(() => this.ready === this.workers.length);
    for (let block = await this.reader.next(); block !== null; block = await this.reader.next()) {
      this.deal(block);
      this.options.onBlock?.(block);
      await this.until(() => this.dealt - this.written < BLOCKS_AHEAD * this.workers.length);
      if (this.options.stopped?.() === true) break;
    }
    await this.until(() => this.written === this.dealt);
    for (const worker of this.workers) tell(worker, { type: 'finish' });
    await this.until(() => this.finished === this.workers.length);
    return summarise(this.graph, this.counts, this.rejected, this.sinks.written);
  }

  async stop(): Promise<void> {
    await this.reader.close();
    await this.sinks.close();
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private start(index: number): Worker {
    const { path, home, workers } = this.options;
    const workerData: WorkerStart = { path, home, worker: index, workers };
    const worker = new Worker(new URL('./worker-main.ts', import.meta.url), { workerData });
    worker.on('message', (message: FromWorker) => this.receive(index, message));
    worker.on('error', (error: Error) => this.fail(error));
    return worker;
  }

  private deal(block: NumberedBlock): void {
    const worker = this.workers[soloWorker(block.info.number, this.workers.length)] as Worker;
    const transfer = 'bytes' in block.payload ? [block.payload.bytes.buffer] : [];
    tell(worker, { type: 'block', block }, transfer);
    this.dealt++;
  }

  private receive(sender: number, message: FromWorker): void {
    if (message.type === 'portion') {
      const { edge, info, mark, batch } = message;
      this.mailbox.put({ edge, sender, info, mark, batch: fromWire(batch) });
    } else if (message.type === 'failed') {
      this.fail(rebuilt(message));
    } else if (message.type === 'ready') {
      this.ready++;
    } else {
      this.finished++;
      this.add(message.counts, message.rejected);
    }
    this.wake();
  }

  /** Waits for messages, writing what has become complete, until `done` holds. */
  private async until(done: () => boolean): Promise<void> {
    for (;;) {
      await this.writeComplete();
      if (this.failure !== undefined) throw this.failure;
      if (done()) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private async writeComplete(): Promise<void> {
    for (
      let gathered = this.mailbox.take(this.written);
      gathered !== undefined;
      gathered = this.mailbox.take(this.written)
    ) {
      const batch = gathered;
      await this.sinks.write(
        new Map(this.gathers.map((edge) => [edge.sink as string, batch.batch(edge.index).items])),
      );
      this.written++;
    }
  }

  private add(counts: readonly (readonly [string, StepCounts])[], rejected: RejectedEntries): void {
    for (const [step, own] of counts) {
      const sum = this.counts.get(step) ?? {};
      for (const [name, value] of Object.entries(own)) sum[name] = (sum[name] ?? 0) + value;
      this.counts.set(step, sum);
    }
    this.rejected.count += rejected.count;
    this.rejected.first.push(...rejected.first);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.wake();
  }
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

function rebuilt({ code, message, stack }: Extract<FromWorker, { type: 'failed' }>): Error {
  const error = code === null ? new Error(message) : new LinnetError(code, message);
  error.stack = stack;
  return error;
}
