import type { Batch, Key } from '../batch.ts';
import type { Operator, Trace } from '../operator.ts';

export interface StatefulFunctions {
  initial(key: Key): unknown;
  step(state: unknown, item: unknown, key: Key): unknown;
}

const ABSENT = Symbol('no state yet');

/** One record for one record, with a state a key that the function may change in place. */
export class StatefulOperator implements Operator {
  private readonly functions: StatefulFunctions;
  private readonly states: unknown[] = [];

  constructor(functions: StatefulFunctions) {
    this.functions = functions;
  }

  run([input]: readonly [Batch], trace: Trace): Batch[] {
    const { functions, states } = this;
    const { items } = input;
    const slots = input.slots as Int32Array;
    const keys = input.keys as readonly Key[];
    const out = new Array<unknown>(items.length);
    for (let i = 0; i < items.length; i++) {
      trace.at = i;
      const slot = slots[i] as number;
      const key = keys[i] as Key;
      while (slot >= states.length) states.push(ABSENT);
      if (states[slot] === ABSENT) states[slot] = functions.initial(key);
      out[i] = functions.step(states[slot], items[i], key);
    }
    return [input.withItems(out)];
  }
}
