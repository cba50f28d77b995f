import { LinnetError, type Graph } from '@linnet/core';
import {
  checkGraph,
  openRun,
  ownerOf,
  planStages,
  summarise,
  type BlockInfo,
  type BlockMark,
  type BlockReader,
  type Edge,
  type Epochs,
  type NumberedBlock,
  type OpenSinks,
  type Plan,
  type RejectedEntries,
  type RunOptions,
  type RunResult,
  type ShareColumn,
  type StateEntry,
  type StepCounts,
} from '@linnet/core/engine';
import type { Crew, StartCrew } from './crew.ts';
import { Mailbox } from './mailbox.ts';
import { fromWire, type FromWorker } from './messages.ts';
import { buffersOf } from './part-bytes.ts';
import { epochPartsExpected, portionsExpected, soloWorker } from './topology.ts';

/** Blocks a worker may be ahead of the sinks: bounds what lies in mailboxes. */
const BLOCKS_AHEAD = 4;

/** States sent to a worker in one message. */
const RESTORE_ENTRIES = 10_000;

export interface CrewOptions extends RunOptions {
  readonly workers: number;
  readonly start: StartCrew;
}

/**
 * Runs a flow with a crew of workers. Blocks of the sources are dealt out in turn; sinks run here and get the records in the
 * order of the source. The result is that of one thread, whatever the number of workers and the order of their messages.
 */
export async function runWithCrew(graph: Graph, options: CrewOptions): Promise<RunResult> {
  checkGraph(graph);
  const run = new Coordinator(graph, options);
  try {
    return await run.toEnd();
  } finally {
    await run.stop();
  }
}

class Coordinator {
  private readonly graph: Graph;
  private readonly plan: Plan;
  private readonly options: CrewOptions;
  private readonly workers: number;
  private readonly crew: Crew;
  private readonly gathers: readonly Edge[];
  private readonly mailbox: Mailbox;
  private readonly sinks: OpenSinks;
  private readonly epochs: Epochs | undefined;
  private readonly reader: BlockReader;
  private readonly counts = new Map<string, StepCounts>();
  private readonly rejected: RejectedEntries = { count: 0, first: [] };
  /** Offsets of the blocks that were dealt and are not written yet. */
  private readonly offsets = new Map<number, unknown>();
  /** The states that arrived for each epoch's last block. */
  private readonly states = new Map<number, { parts: number; entries: StateEntry[] }>();
  /** Last blocks of epochs that are written but for their states. */
  private readonly ending: number[] = [];
  /** By source id: how the workers share its blocks. */
  private readonly shares = new Map<string, ShareColumn>();
  private finished = 0;
  private dealt: number;
  private written: number;
  private failure: Error | undefined;
  private arrivals = 0;
  private wake: () => void = () => undefined;

  constructor(graph: Graph, options: CrewOptions) {
    this.graph = graph;
    this.plan = planStages(graph);
    this.options = options;
    this.workers = options.workers;
    this.gathers = this.plan.edges.filter((edge) => edge.kind === 'gather');
    const edges = this.gathers.map((edge) => edge.index);
    this.mailbox = new Mailbox(portionsExpected(this.plan, edges, options.workers));
    const { reader, sinks, epochs } = openRun(graph, options);
    this.reader = reader;
    this.sinks = sinks;
    this.epochs = epochs;
    const checkpoint = options.recovery?.backend.checkpoint;
    const block = checkpoint?.block ?? 0;
    this.dealt = block;
    this.written = block;
    this.crew = options.start(
      {
        workers: this.workers,
        durable: options.recovery !== undefined,
        firstBlock: block,
        progress: checkpoint ?? { watermarks: {} },
      },
      { receive: this.receive.bind(this), fail: this.fail.bind(this) },
    );
  }

  async toEnd(): Promise<RunResult> {
    this.restore();
    for (let block = await this.reader.next(); block !== null; block = await this.reader.next()) {
      this.deal(block);
      this.options.onBlock?.(block);
      await this.until(() => this.dealt - this.written < BLOCKS_AHEAD * this.workers);
      if (this.options.stopped?.() !== true) continue;
      if (this.epochs !== undefined) this.deal(this.reader.pause(), true);
      break;
    }
    await this.until(() => this.written === this.dealt && this.ending.length === 0);
    await this.sinks.drained();
    for (let worker = 0; worker < this.workers; worker++) this.crew.tell(worker, { type: 'finish' });
    await this.until(() => this.finished === this.workers);
    return summarise(this.graph, this.counts, this.rejected, this.sinks.written);
  }

  async stop(): Promise<void> {
    await this.reader.close();
    await this.sinks.close();
    await this.crew.stop();
  }

  /** Gives every worker the states of the keys that it owns; by whatever number of workers they were made. */
  private restore(): void {
    const owned = Array.from({ length: this.workers }, (): StateEntry[] => []);
    const flush = (worker: number) => {
      const entries = (owned[worker] as StateEntry[]).splice(0);
      if (entries.length > 0) this.crew.tell(worker, { type: 'restore', entries });
    };
    for (const entry of this.options.recovery?.backend.states() ?? []) {
      const worker = ownerOf(entry.key, this.workers);
      if ((owned[worker] as StateEntry[]).push(entry) >= RESTORE_ENTRIES) flush(worker);
    }
    owned.forEach((_, worker) => {
      flush(worker);
      this.crew.tell(worker, { type: 'begin' });
    });
  }

  private deal(read: NumberedBlock, force = false): void {
    const block = this.epochs?.mark(read, force) ?? read;
    const { info, payload, offset } = block;
    this.offsets.set(info.number, offset);
    this.dealt++;
    const share = this.shares.get(info.source);
    const transfer = buffersOf(payload);
    if (share === undefined || transfer.length === 0) {
      this.crew.tell(soloWorker(info.number, this.workers), { type: 'block', block }, transfer);
      return;
    }
    const { dividers } = this.crew;
    const divider = dividers[info.number % dividers.length] as number;
    this.crew.tell(divider, { type: 'divide', block: { ...block, info: { ...info, share } } }, transfer);
  }

  private receive(sender: number, message: FromWorker): void {
    if (message.type === 'portions') {
      for (const { edge, info, mark, batch } of message.portions)
        this.mailbox.put({ edge, sender, info, mark, batch: fromWire(batch) });
    } else if (message.type === 'share') {
      if (!this.shares.has(message.source)) this.shares.set(message.source, message.by);
    } else if (message.type === 'epoch') {
      this.stateOf(message.block).parts++;
      for (const entry of message.entries) this.stateOf(message.block).entries.push(entry);
    } else if (message.type === 'failed') {
      this.fail(rebuilt(message));
    } else {
      this.finished++;
      this.add(message.counts, message.rejected);
    }
    this.arrivals++;
    this.wake();
  }

  /** Waits for messages, writing what has become complete, until `done` holds. */
  private async until(done: () => boolean): Promise<void> {
    for (;;) {
      const seen = this.arrivals;
      await this.writeComplete();
      if (this.failure !== undefined) throw this.failure;
      if (done()) return;
      // What arrived while something was written is looked at before waiting for more.
      if (this.arrivals !== seen) continue;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private async writeComplete(): Promise<void> {
    for (;;) {
      const gathered = this.mailbox.take(this.written);
      if (gathered === undefined) break;
      const outputs = new Map(
        this.gathers.map((edge) => [edge.sink as string, gathered.batch(edge.index).items]),
      );
      await this.take(gathered.info, gathered.mark, outputs);
      this.written++;
    }
    const expected = epochPartsExpected(this.plan, this.workers);
    while (this.ending[0] !== undefined && this.stateOf(this.ending[0]).parts === expected) {
      const block = this.ending.shift() as number;
      const { entries } = this.stateOf(block);
      this.states.delete(block);
      await this.epochs?.commit(block, entries);
    }
  }

  private async take(
    info: BlockInfo,
    mark: BlockMark,
    outputs: Map<string, readonly unknown[]>,
  ): Promise<void> {
    const offset = this.offsets.get(info.number);
    this.offsets.delete(info.number);
    if (this.epochs === undefined) {
      await this.sinks.write(outputs);
      return;
    }
    this.epochs.add({ info, outputs, mark, offset });
    if (info.epochEnd) this.ending.push(info.number);
  }

  private stateOf(block: number): { parts: number; entries: StateEntry[] } {
    const found = this.states.get(block) ?? { parts: 0, entries: [] };
    this.states.set(block, found);
    return found;
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
    this.arrivals++;
    this.wake();
  }
}

function rebuilt({ code, message, stack }: Extract<FromWorker, { type: 'failed' }>): Error {
  const error = code === null ? new Error(message) : new LinnetError(code, message);
  error.stack = stack;
  return error;
}
