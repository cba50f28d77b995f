import type { Batch } from '@linnet/core/engine';
import { mergeByRank } from '@linnet/core/engine';

/** Portions of blocks on their way into one stage, until all that belong to a block are there. */
export class Mailbox {
  private readonly expected: number;
  private readonly blocks = new Map<number, { edge: number; batch: Batch; sender: number }[]>();

  /** @param expected portions of every block, over all edges and senders */
  constructor(expected: number) {
    this.expected = expected;
  }

  put(block: number, edge: number, sender: number, batch: Batch): void {
    const portions = this.blocks.get(block) ?? [];
    this.blocks.set(block, portions);
    portions.push({ edge, batch, sender });
  }

  /** The block's batch by edge, merged into source order, or undefined while something is missing. */
  take(block: number): ((edge: number) => Batch) | undefined {
    const portions = this.blocks.get(block);
    if (portions === undefined || portions.length < this.expected) return undefined;
    this.blocks.delete(block);
    portions.sort((a, b) => a.sender - b.sender);
    return (edge) =>
      mergeByRank(portions.filter((portion) => portion.edge === edge).map(({ batch }) => batch));
  }
}
