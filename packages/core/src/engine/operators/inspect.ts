import type { Batch } from '../batch.ts';
import type { Operator, StepContext } from '../operator.ts';

/** Shows every record to a function and passes it on. */
export class InspectOperator implements Operator {
  private readonly look: (item: unknown) => void;

  constructor(look: (item: unknown) => void) {
    this.look = look;
  }

  run([input]: readonly [Batch], context: StepContext): Batch[] {
    for (let i = 0; i < input.length; i++) {
      context.at = i;
      this.look(input.items[i]);
    }
    return [input];
  }
}
