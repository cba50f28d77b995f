/**
 * Reads the blocks of all sources of a flow and numbers them: the number is the order in which everything that follows
 * happens. Bounded sources take turns, so that two runs over the same files give the same order; a source that may go on
 * for ever gives what it has when it has it.
 */
import type { Clock } from '../base/clock.ts';
import type { BlockInfo } from './block.ts';
import type { Graph, SourceStep } from './graph.ts';
import { isSource } from './graph.ts';
import type { Payload, SourceBlock, SourceReader } from './source.ts';

export interface NumberedBlock {
  readonly info: BlockInfo;
  readonly payload: Payload;
  /** Where its source goes on behind it. */
  readonly offset?: unknown;
  /** Fraction of the source that was read with this block, where it is known. */
  readonly progress?: number;
}

interface Open {
  readonly step: SourceStep;
  readonly reader: SourceReader;
  pending: Promise<Taken> | undefined;
}

interface Taken {
  readonly from: Open;
  readonly block: SourceBlock | null;
}

/** Where the reading of a flow goes on after a restart. */
export interface ReadingStart {
  /** Number of the next block. */
  readonly block: number;
  /** Processing time at which the flow was first started, in epoch milliseconds. */
  readonly started: number;
  readonly offsets: Readonly<Record<string, unknown>>;
}

/** While a live source is silent an empty block is made that often: time passes for windows, commits and the wish to stop. */
const TICK_MS = 100;

export class BlockReader {
  private readonly sources: readonly SourceStep[];
  private readonly open: Open[];
  private readonly clock: Clock;
  private readonly bounded: boolean;
  readonly started: number;
  private turn = 0;
  private number: number;
  private finished = false;
  private readonly wait: ((ms: number) => Promise<void>) | undefined;
  private tick: Promise<'tick'> | undefined;
  private ticks = 0;

  /**
   * @param limit entries to read from each source at most
   * @param wait without it nothing happens while every source is silent
   */
  constructor(
    graph: Graph,
    limit: number,
    clock: Clock,
    start?: ReadingStart,
    wait?: (ms: number) => Promise<void>,
  ) {
    this.clock = clock;
    this.wait = wait;
    this.started = start?.started ?? clock.now();
    this.number = start?.block ?? 0;
    this.sources = [...graph.steps.values()].filter(isSource);
    this.bounded = this.sources.every(({ source }) => source.bounded);
    this.open = this.sources.map((step) => ({
      step,
      reader: step.source.open({ limit, from: start?.offsets[step.id] }),
      pending: undefined,
    }));
  }

  /** The next block of any source; after all have ended one last empty block, then null. */
  async next(): Promise<NumberedBlock | null> {
    while (this.open.length > 0) {
      const taken = await this.take();
      if (taken === 'tick') return this.silence();
      const { from, block } = taken;
      from.pending = undefined;
      if (block !== null) return this.numbered(from, block);
      this.open.splice(this.open.indexOf(from), 1);
      await from.reader.close();
    }
    if (this.finished) return null;
    this.finished = true;
    const end = this.pause();
    return { ...end, info: { ...end.info, last: true } };
  }

  /** An empty block: to end an epoch where nothing more is read. */
  pause(): NumberedBlock {
    const source = this.sources[0] as SourceStep;
    return { info: this.info(source.id), payload: { items: [] } };
  }

  /** An empty block of a source that is open, of each in turn: one that never gave anything must be seen to be idle, too. */
  private silence(): NumberedBlock {
    const { step, reader } = this.open[this.ticks++ % this.open.length] as Open;
    const info = { ...this.info(step.id), partitions: reader.partitions ?? 1 };
    return { info, payload: { items: [] } };
  }

  async close(): Promise<void> {
    await Promise.all(this.open.splice(0).map(({ reader }) => reader.close()));
  }

  private numbered(from: Open, block: SourceBlock): NumberedBlock {
    const { first, payload, partition = 0, ended = false, progress, offset } = block;
    const { partitions = 1 } = from.reader;
    const info = { ...this.info(from.step.id), first, partition, partitions, ended };
    return { info, payload, offset, ...(progress !== undefined && { progress }) };
  }

  private info(source: string): BlockInfo {
    return {
      number: this.number++,
      source,
      first: 0,
      partition: 0,
      partitions: 1,
      ended: false,
      // Over files processing time stands still: the result is a function of the files alone.
      now: this.bounded ? this.started : this.clock.now(),
      last: false,
      epochEnd: false,
    };
  }

  private take(): Promise<Taken | 'tick'> {
    if (this.bounded) {
      this.turn = (this.turn + 1) % this.open.length;
      return this.start(this.open[this.turn] as Open);
    }
    const reads: Promise<Taken | 'tick'>[] = this.open.map((from) => this.start(from));
    if (this.wait !== undefined) {
      this.tick ??= this.wait(TICK_MS).then(() => {
        this.tick = undefined;
        return 'tick';
      });
      reads.push(this.tick);
    }
    return Promise.race(reads);
  }

  private start(from: Open): Promise<Taken> {
    from.pending ??= from.reader.read().then((block) => ({ from, block }));
    return from.pending;
  }
}
