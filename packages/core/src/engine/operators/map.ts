import type { Batch } from '../batch.ts';
import type { Operator, StepContext } from '../operator.ts';

/** One record for one record. */
export class MapOperator implements Operator {
  private readonly fn: (item: unknown) => unknown;

  constructor(fn: (item: unknown) => unknown) {
    this.fn = fn;
  }

  run([input]: readonly [Batch], context: StepContext): Batch[] {
    const { fn } = this;
    const { items } = input;
    const mapped = new Array<unknown>(items.length);
    for (let i = 0; i < items.length; i++) {
      context.at = i;
      mapped[i] = fn(items[i]);
    }
    return [input.withItems(mapped)];
  }
}
