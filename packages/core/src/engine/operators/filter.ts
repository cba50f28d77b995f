import type { Batch } from '../batch.ts';
import type { Operator, StepContext } from '../operator.ts';

/** Keeps the records for which the predicate holds. With `both`, the others leave by a second port. */
export class FilterOperator implements Operator {
  private readonly predicate: (item: unknown) => boolean;
  private readonly both: boolean;

  constructor(predicate: (item: unknown) => boolean, both: boolean) {
    this.predicate = predicate;
    this.both = both;
  }

  run([input]: readonly [Batch], context: StepContext): Batch[] {
    const { predicate, both } = this;
    const { items } = input;
    const kept = new Int32Array(items.length);
    const rest = new Int32Array(both ? items.length : 0);
    let [count, restCount] = [0, 0];
    for (let i = 0; i < items.length; i++) {
      context.at = i;
      if (predicate(items[i])) kept[count++] = i;
      else if (both) rest[restCount++] = i;
    }
    const matched = input.select(kept, count);
    return both ? [matched, input.select(rest, restCount)] : [matched];
  }
}
