import type { Batch } from '../batch.ts';
import { mergeByRank } from '../exchange.ts';

/** Which input of a join a record came by. */
export type Side = 'left' | 'right';

/** Both inputs of a join as one, in source order; `sides` says of each record where it came from, 0 left and 1 right. */
export interface BothSides {
  readonly batch: Batch;
  readonly sides: Int32Array;
}

export function bothSides(left: Batch, right: Batch): BothSides {
  // A block is of one source, so mostly one side alone has records.
  if (right.length === 0) return { batch: left, sides: new Int32Array(left.length) };
  if (left.length === 0) return { batch: right, sides: new Int32Array(right.length).fill(1) };
  const levels = Math.max(left.ranks?.length ?? 1, right.ranks?.length ?? 1);
  const ranked = [left, right].map((batch, side) =>
    batch.with({ ranks: [...batch.explicitRanks(levels), new Int32Array(batch.length).fill(side)] }),
  );
  const batch = mergeByRank(ranked);
  return { batch, sides: batch.ranks?.at(-1) as Int32Array };
}
