import type { Batch, Key } from '../batch.ts';
import { DirtySlots } from '../dirty-slots.ts';
import type { KeyedState, Operator, StateCodec, StepContext } from '../operator.ts';

export interface StatefulFunctions {
  initial(key: Key): unknown;
  step(state: unknown, item: unknown, key: Key): unknown;
}

const ABSENT = Symbol('no state yet');

/** One record for one record, with a state a key that the function may change in place. */
export class StatefulOperator implements Operator {
  private readonly functions: StatefulFunctions;
  private readonly codec: StateCodec;
  private readonly states: unknown[] = [];
  private readonly dirty = new DirtySlots();
  /** Bytes of the last state that was written. */
  private bytes = 100;

  constructor(functions: StatefulFunctions, codec: StateCodec) {
    this.functions = functions;
    this.codec = codec;
  }

  readonly state: KeyedState = {
    dirty: this.dirty,
    drain: (emit) => {
      for (const slot of this.dirty.take()) emit(slot, this.encode(slot));
    },
    snapshot: (slot) => ((this.states[slot] ?? ABSENT) === ABSENT ? null : this.encode(slot)),
    // An object takes some times the bytes that it is written in.
    bytesPerKey: () => 4 * this.bytes,
    restore: (slot, bytes) => {
      this.makeRoom(slot);
      this.states[slot] = this.codec.decode(bytes);
    },
    forget: (slot) => {
      if (slot < this.states.length) this.states[slot] = ABSENT;
    },
  };

  run([input]: readonly [Batch], context: StepContext): Batch[] {
    const { functions, states } = this;
    const { items } = input;
    const slots = input.slots as Int32Array;
    const keys = input.keys as readonly Key[];
    const out = new Array<unknown>(items.length);
    for (let i = 0; i < items.length; i++) {
      context.at = i;
      const slot = slots[i] as number;
      const key = keys[i] as Key;
      if (slot >= states.length) this.makeRoom(slot);
      if (states[slot] === ABSENT) states[slot] = functions.initial(key);
      out[i] = functions.step(states[slot], items[i], key);
    }
    this.dirty.addAll(slots);
    return [input.withItems(out)];
  }

  private encode(slot: number): Uint8Array<ArrayBuffer> {
    const bytes = this.codec.encode(this.states[slot]);
    this.bytes = bytes.length;
    return bytes;
  }

  private makeRoom(slot: number): void {
    while (slot >= this.states.length) this.states.push(ABSENT);
  }
}
