import type { Batch } from '../batch.ts';
import type { Operator, StepContext } from '../operator.ts';

/** Any number of records for one record. */
export class FlatMapOperator implements Operator {
  private readonly fn: (item: unknown) => Iterable<unknown>;

  constructor(fn: (item: unknown) => Iterable<unknown>) {
    this.fn = fn;
  }

  run([input]: readonly [Batch], context: StepContext): Batch[] {
    const items: unknown[] = [];
    const parents: number[] = [];
    const indices: number[] = [];
    for (let i = 0; i < input.length; i++) {
      context.at = i;
      let index = 0;
      for (const item of this.fn(input.items[i])) {
        items.push(item);
        parents.push(i);
        indices.push(index++);
      }
    }
    const made = input.pick(Int32Array.from(parents), parents.length, items);
    return [made.with({ ranks: [...made.explicitRanks(), Int32Array.from(indices)] })];
  }
}
