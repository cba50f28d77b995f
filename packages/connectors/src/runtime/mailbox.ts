import {
  NO_MARK,
  mergeByRank,
  sharedMarks,
  type Batch,
  type BlockInfo,
  type BlockMark,
  type MarkSteps,
} from '@linnet/core/engine';

/** One worker's part of one block on one edge. */
export interface Delivery {
  readonly edge: number;
  readonly sender: number;
  readonly info: BlockInfo;
  readonly mark: BlockMark;
  /** Of a shared block. */
  readonly steps?: MarkSteps | undefined;
  readonly batch: Batch;
}

/** All parts of one block. */
export interface Gathered {
  readonly info: BlockInfo;
  readonly mark: BlockMark;
  /** The block's records on an edge, merged into source order. */
  batch(edge: number): Batch;
}

/** Parts of blocks on their way into one stage, until all that belong to a block are there. */
export class Mailbox {
  private readonly expected: (info: BlockInfo) => number;
  private readonly blocks = new Map<number, Delivery[]>();

  /** @param expected parts of a block, over all edges and senders */
  constructor(expected: (info: BlockInfo) => number) {
    this.expected = expected;
  }

  put(delivery: Delivery): void {
    const { number } = delivery.info;
    const parts = this.blocks.get(number) ?? [];
    this.blocks.set(number, parts);
    parts.push(delivery);
  }

  /** The block, or undefined while a part of it is missing. */
  take(number: number): Gathered | undefined {
    const parts = this.blocks.get(number);
    const info = parts?.[0]?.info;
    if (parts === undefined || info === undefined || parts.length < this.expected(info)) return undefined;
    this.blocks.delete(number);
    parts.sort((a, b) => a.sender - b.sender);
    return {
      info,
      mark: parts.reduce((sum, { mark }) => later(sum, mark), NO_MARK),
      batch: (edge) => {
        const own = parts.filter((part) => part.edge === edge);
        return mergeByRank(own.map(({ batch }, at) => sharedMarks(batch, stepsBut(own, at))));
      },
    };
  }
}

/** Paths without event time know no mark. */
function later(a: BlockMark, b: BlockMark): BlockMark {
  return { mark: Math.max(a.mark, b.mark), idleMs: Math.min(a.idleMs, b.idleMs) };
}

function stepsBut(parts: readonly Delivery[], at: number): MarkSteps[] {
  return parts.flatMap(({ steps }, other) => (other === at || steps === undefined ? [] : [steps]));
}
