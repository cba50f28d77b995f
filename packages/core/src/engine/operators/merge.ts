import type { Batch } from '../batch.ts';
import { mergeByRank } from '../exchange.ts';
import type { Operator } from '../operator.ts';

/** Several streams as one, in source order; records made of the same source record come in the order of the inputs. */
export class MergeOperator implements Operator {
  run(inputs: readonly Batch[]): Batch[] {
    const levels = Math.max(...inputs.map((input) => input.ranks?.length ?? 1));
    const ranked = inputs.map((input, index) => {
      const ranks = [...input.explicitRanks(levels), new Int32Array(input.length).fill(index)];
      return input.with({ ranks, keys: null, slots: null });
    });
    return [mergeByRank(ranked)];
  }
}
