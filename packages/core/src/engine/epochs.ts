import type { Clock } from '../base/clock.ts';
import { LinnetError } from '../base/error.ts';
import type { Backend, Checkpoint, Epoch } from './backend.ts';
import type { BlockInfo, BlockMark } from './block.ts';
import type { Graph } from './graph.ts';
import { planStages } from './plan.ts';
import { Progress } from './progress.ts';
import type { NumberedBlock } from './reading.ts';
import type { OpenSinks } from './sinks.ts';
import type { StateEntry } from './state-entry.ts';

export interface EpochOptions {
  readonly clock: Clock;
  /** Time between two commits, in milliseconds. */
  readonly commitMs: number;
  /** Waits; a port, so that a simulation can move time. */
  sleep(ms: number): Promise<void>;
  /** Told when a commit must be tried again, and when it worked. */
  onTrouble?(message: string): void;
  /** Asked while the store cannot be written to; true ends the run. */
  stopped?(): boolean;
}

interface Pending {
  readonly info: BlockInfo;
  readonly outputs: ReadonlyMap<string, readonly unknown[]>;
  readonly mark: BlockMark;
  readonly offset: unknown;
}

const RETRY_MS = 1000;

/**
 * Gathers what the blocks of an epoch produce and commits it with the state. Blocks go in by their numbers; what they gave
 * leaves for the outside only after the commit.
 */
export class Epochs {
  private readonly backend: Backend;
  private readonly sinks: OpenSinks;
  private readonly options: EpochOptions;
  private readonly progress: Progress;
  private readonly offsets: Record<string, unknown>;
  private readonly started: number;
  private epoch: number;
  private marked: number;
  private blocks: Pending[] = [];

  constructor(graph: Graph, backend: Backend, sinks: OpenSinks, started: number, options: EpochOptions) {
    this.backend = backend;
    this.sinks = sinks;
    this.options = options;
    const { checkpoint } = backend;
    this.progress = new Progress(planStages(graph).stages, checkpoint);
    this.offsets = { ...checkpoint?.offsets };
    this.started = started;
    this.epoch = checkpoint?.epoch ?? 0;
    this.marked = options.clock.now();
    for (const { sink, epoch, items } of backend.undelivered()) this.deliver(sink, epoch, items);
  }

  /** The block with the word whether it ends an epoch: when the commit interval is over, and at the end. */
  mark(block: NumberedBlock, force = false): NumberedBlock {
    const now = this.options.clock.now();
    const passed = now - this.marked;
    // A clock that was set back must not put off commits for as long as it was set back by.
    const epochEnd = force || block.info.last || passed >= this.options.commitMs || passed < 0;
    if (!epochEnd) return block;
    this.marked = now;
    return { ...block, info: { ...block.info, epochEnd } };
  }

  /** Takes what a block gave; blocks come in the order of their numbers. */
  add(block: Pending): void {
    this.blocks.push(block);
  }

  /** Commits everything up to and with a block, with the states that its epoch changed. */
  async commit(number: number, states: readonly StateEntry[]): Promise<void> {
    const own = this.blocks.filter(({ info }) => info.number <= number);
    this.blocks = this.blocks.filter(({ info }) => info.number > number);
    const outputs = new Map<string, unknown[]>();
    for (const { info, mark, offset, outputs: given } of own) {
      this.progress.advance(info, mark);
      if (offset !== undefined) this.offsets[info.source] = offset;
      for (const [sink, items] of given) {
        const all = outputs.get(sink) ?? [];
        outputs.set(sink, all);
        for (const item of items) all.push(item);
      }
    }
    const checkpoint: Checkpoint = {
      epoch: ++this.epoch,
      block: number + 1,
      started: this.started,
      offsets: { ...this.offsets },
      ...this.progress.save(),
    };
    await this.write({ checkpoint, states, outputs });
    for (const [sink, items] of outputs) if (items.length > 0) this.deliver(sink, checkpoint.epoch, items);
  }

  /** A store that is full is waited for: nothing is lost, nothing goes on. Any other failure ends the run. */
  private async write(epoch: Epoch): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        this.backend.commit(epoch);
        if (attempt > 0) this.options.onTrouble?.('the store can be written to again');
        return;
      } catch (error) {
        if (!(error instanceof LinnetError && error.retryable)) throw error;
        if (attempt === 0)
          this.options.onTrouble?.(`${error.message}; nothing is lost, trying again every second`);
        await this.options.sleep(RETRY_MS);
        if (this.options.stopped?.() !== true) continue;
        const message = `${error.message}; stopped before that was over: what was read since the last commit is read again by the next run`;
        throw new LinnetError(error.code, message, { cause: error });
      }
    }
  }

  private deliver(sink: string, epoch: number, items: readonly unknown[]): void {
    this.sinks.deliver(sink, items, () => this.backend.delivered(sink, epoch));
  }
}
