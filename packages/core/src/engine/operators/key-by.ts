import type { Batch, Key } from '../batch.ts';
import { KeyTable } from '../key-table.ts';
import type { Counts, Operator, StepContext } from '../operator.ts';

/** Gives each record its key. This half runs before records change worker, `ArriveOperator` after. */
export class KeyByOperator implements Operator {
  private readonly keyOf: (item: unknown) => Key;

  constructor(keyOf: (item: unknown) => Key) {
    this.keyOf = keyOf;
  }

  run([input]: readonly [Batch], context: StepContext): Batch[] {
    const { keyOf } = this;
    const { items } = input;
    const keys = new Array<Key>(items.length);
    for (let i = 0; i < items.length; i++) {
      context.at = i;
      const key = keyOf(items[i]);
      if (typeof key !== 'string' && typeof key !== 'number') {
        throw new TypeError(`the key is ${key === null ? 'null' : typeof key}, not a string or a number`);
      }
      keys[i] = key;
    }
    return [input.with({ keys, slots: null })];
  }
}

/** Turns keys into slots of the worker that owns them; the same for all of its inputs. */
export class ArriveOperator implements Operator {
  readonly table = new KeyTable();

  run(inputs: readonly Batch[]): Batch[] {
    return inputs.map((input) => input.with({ slots: this.table.assign(input.keys ?? []) }));
  }

  counts(): Counts {
    return { keys: this.table.size };
  }
}
