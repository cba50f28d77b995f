import type { Bank, ModelSpec } from '../../base/component.ts';
import { InstanceBank } from '../bank.ts';
import type { Batch } from '../batch.ts';
import { DirtySlots } from '../dirty-slots.ts';
import { readFeatures, type FeatureReader } from '../features.ts';
import type { Counts, KeyedState, Operator } from '../operator.ts';

/** A record with what its key's model said of it. */
export interface Scored<T> {
  readonly value: T;
  /** Grows with strangeness; null where every feature was missing or invalid: the model did not see that record. */
  readonly score: number | null;
  /** False while the model has learned too little for its score to mean anything. */
  readonly ready: boolean;
}

/** One model a key: each record is scored by the model as it was before, then learned. */
export class ModelOperator implements Operator {
  private readonly spec: ModelSpec;
  private readonly read: FeatureReader | undefined;
  private readonly bank: Bank;
  private reserved = 0;
  // Columns of the block at hand, kept from block to block: nothing is allocated a record but its Scored.
  private x = new Float64Array(0);
  private usable = new Uint8Array(0);
  private slots = new Int32Array(0);
  private scores = new Float64Array(0);
  private ready = new Uint8Array(0);
  private readonly tally = { scored: 0, skipped: 0, unready: 0 };
  private readonly dirty = new DirtySlots();

  readonly state: KeyedState = {
    dirty: this.dirty,
    drain: (emit) => {
      for (const slot of this.dirty.take()) emit(slot, this.bank.snapshot(slot));
    },
    snapshot: (slot) => (slot < this.reserved ? this.bank.snapshot(slot) : null),
    bytesPerKey: () => this.bank.bytesPerSlot,
    restore: (slot, bytes) => {
      this.reserve(slot + 1);
      this.bank.restore(slot, bytes);
    },
    forget: (slot) => {
      if (slot < this.reserved) this.bank.reset(slot);
    },
  };

  constructor(spec: ModelSpec, read: FeatureReader | undefined) {
    this.spec = spec;
    this.read = read;
    this.bank = spec.bank?.() ?? new InstanceBank(spec);
  }

  run([input]: readonly [Batch]): Batch[] {
    const { items } = input;
    const slots = input.slots as Int32Array;
    this.makeRoom(slots);
    const { features } = this.spec;
    readFeatures(items, features, this.read, this.x);
    const seen = this.dropMissing(slots, features.length);
    this.bank.scoreLearn(this.slots, this.x, seen, this.scores, this.ready);
    this.tally.scored += seen;
    this.tally.skipped += items.length - seen;
    for (let i = 0; i < seen; i++) this.dirty.add(this.slots[i] as number);
    return [input.withItems(this.scored(items))];
  }

  counts(): Counts {
    return { ...this.tally, bytes: this.reserved * this.bank.bytesPerSlot };
  }

  /** Moves the rows with at least one usable feature together; the others are marked and not shown to the model. */
  private dropMissing(slots: Int32Array, columns: number): number {
    const { x } = this;
    let seen = 0;
    for (let i = 0; i < slots.length; i++) {
      let usable = 0;
      for (let column = 0; column < columns; column++) {
        const value = x[i * columns + column] as number;
        x[seen * columns + column] = value;
        if (value === value) usable = 1;
      }
      this.slots[seen] = slots[i] as number;
      this.usable[i] = usable;
      seen += usable;
    }
    return seen;
  }

  private scored(items: readonly unknown[]): Scored<unknown>[] {
    const out = new Array<Scored<unknown>>(items.length);
    for (let i = 0, at = 0; i < items.length; i++) {
      if (this.usable[i] === 0) {
        out[i] = { value: items[i], score: null, ready: false };
        continue;
      }
      const ready = this.ready[at] === 1;
      if (!ready) this.tally.unready++;
      out[i] = { value: items[i], score: this.scores[at++] as number, ready };
    }
    return out;
  }

  private makeRoom(slots: Int32Array): void {
    const n = slots.length;
    if (n > this.scores.length) {
      this.x = new Float64Array(n * this.spec.features.length);
      this.usable = new Uint8Array(n);
      this.slots = new Int32Array(n);
      this.scores = new Float64Array(n);
      this.ready = new Uint8Array(n);
    }
    let highest = this.reserved - 1;
    for (let i = 0; i < n; i++) highest = Math.max(highest, slots[i] as number);
    this.reserve(highest + 1);
  }

  private reserve(count: number): void {
    if (count <= this.reserved) return;
    this.reserved = count;
    this.bank.reserve(count);
  }
}
