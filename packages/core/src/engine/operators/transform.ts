import type { TransformerSpec } from '../../base/component.ts';
import type { OnlineTransformer } from '../../base/model.ts';
import type { Batch } from '../batch.ts';
import { DirtySlots } from '../dirty-slots.ts';
import { isMissing, readFeatures } from '../features.ts';
import type { Counts, KeyedState, Operator } from '../operator.ts';

/**
 * One transformer a key: learns each record's features, then writes their transformed values into the record. A record
 * that stays as it was is passed on as it is; otherwise a copy with the new values.
 */
export class TransformOperator implements Operator {
  private readonly spec: TransformerSpec;
  private readonly transformers: OnlineTransformer[] = [];
  private readonly row: Float64Array;
  private readonly out: Float64Array;
  private x = new Float64Array(0);
  private changed = 0;
  private readonly dirty = new DirtySlots();

  readonly state: KeyedState = {
    drain: (emit) => {
      for (const slot of this.dirty.take()) emit(slot, this.at(slot).snapshot());
    },
    restore: (slot, bytes) => this.at(slot).restore(bytes),
    forget: (slot) => {
      this.transformers[slot] = this.spec.create();
    },
  };

  constructor(spec: TransformerSpec) {
    this.spec = spec;
    this.row = new Float64Array(spec.features.length);
    this.out = new Float64Array(spec.features.length);
  }

  run([input]: readonly [Batch]): Batch[] {
    const { items } = input;
    const slots = input.slots as Int32Array;
    const names = this.spec.features;
    if (this.x.length < items.length * names.length) this.x = new Float64Array(items.length * names.length);
    readFeatures(items, names, undefined, this.x);
    const result = new Array<unknown>(items.length);
    for (let i = 0; i < items.length; i++) {
      result[i] = this.transform(items[i], slots[i] as number, i * names.length);
    }
    this.dirty.addAll(slots);
    return [input.withItems(result)];
  }

  counts(): Counts {
    return { changed: this.changed };
  }

  private transform(item: unknown, slot: number, at: number): unknown {
    const { row, out, x } = this;
    const transformer = this.at(slot);
    for (let column = 0; column < row.length; column++) row[column] = x[at + column] as number;
    transformer.learnOne(row);
    transformer.transformOne(row, out);
    let copy: Record<string, unknown> | undefined;
    for (let column = 0; column < row.length; column++) {
      const value = out[column] as number;
      const before = row[column] as number;
      if (value === before || value !== value) continue;
      const name = this.spec.features[column] as string;
      // Only what is missing is filled in; what is there and no number stays for the model to skip and count.
      if (before !== before && !isMissing((item as Record<string, unknown>)[name])) continue;
      copy ??= { ...(item as Record<string, unknown>) };
      copy[name] = value;
      this.changed++;
    }
    return copy ?? item;
  }

  private at(slot: number): OnlineTransformer {
    while (this.transformers.length <= slot) this.transformers.push(this.spec.create());
    return this.transformers[slot] as OnlineTransformer;
  }
}
