/**
 * Reads the blocks of all sources of a flow and numbers them: the number is the order in which everything that follows
 * happens. Bounded sources take turns, so that two runs over the same files give the same order; a source that may go on
 * for ever gives what it has when it has it.
 */
import type { Graph, SourceStep } from './graph.ts';
import { isSource } from './graph.ts';
import type { SourceBlock, SourceReader } from './source.ts';

export interface NumberedBlock extends SourceBlock {
  readonly number: number;
  readonly source: SourceStep;
}

interface Open {
  readonly step: SourceStep;
  readonly reader: SourceReader;
  pending: Promise<{ readonly from: Open; readonly block: SourceBlock | null }> | undefined;
}

export class BlockReader {
  private readonly open: Open[];
  private turn = 0;
  private number = 0;

  /** @param limit entries to read from each source at most */
  constructor(graph: Graph, limit: number) {
    this.open = [...graph.steps.values()].filter(isSource).map((step) => ({
      step,
      reader: step.source.open({ limit }),
      pending: undefined,
    }));
  }

  /** The next block of any source, or null when all have ended. */
  async next(): Promise<NumberedBlock | null> {
    while (this.open.length > 0) {
      const { from, block } = await this.take();
      from.pending = undefined;
      if (block !== null) return { ...block, number: this.number++, source: from.step };
      this.open.splice(this.open.indexOf(from), 1);
      await from.reader.close();
    }
    return null;
  }

  async close(): Promise<void> {
    await Promise.all(this.open.splice(0).map(({ reader }) => reader.close()));
  }

  private take(): Promise<{ readonly from: Open; readonly block: SourceBlock | null }> {
    if (this.open.every(({ step }) => step.source.bounded)) {
      this.turn = (this.turn + 1) % this.open.length;
      return this.start(this.open[this.turn] as Open);
    }
    return Promise.race(this.open.map((from) => this.start(from)));
  }

  private start(from: Open): Promise<{ readonly from: Open; readonly block: SourceBlock | null }> {
    from.pending ??= from.reader.read().then((block) => ({ from, block }));
    return from.pending;
  }
}
