import { Batch, pick, pickInts } from '../batch.ts';
import type { Operator, Trace } from '../operator.ts';

/** Any number of records for one record. */
export class FlatMapOperator implements Operator {
  private readonly fn: (item: unknown) => Iterable<unknown>;

  constructor(fn: (item: unknown) => Iterable<unknown>) {
    this.fn = fn;
  }

  run([input]: readonly [Batch], trace: Trace): Batch[] {
    const out: unknown[] = [];
    const parents: number[] = [];
    const indices: number[] = [];
    for (let i = 0; i < input.length; i++) {
      trace.at = i;
      let index = 0;
      for (const item of this.fn(input.items[i])) {
        out.push(item);
        parents.push(i);
        indices.push(index++);
      }
    }
    const from = Int32Array.from(parents);
    const ranks = input.explicitRanks().map((column) => pickInts(column, from, from.length));
    const keys = input.keys === null ? null : pick(input.keys, from, from.length);
    const slots = input.slots === null ? null : pickInts(input.slots, from, from.length);
    return [new Batch(out, [...ranks, Int32Array.from(indices)], keys, slots)];
  }
}
