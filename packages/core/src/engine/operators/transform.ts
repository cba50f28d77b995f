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
  private readonly rowOut: Float64Array;
  // Columns of the block at hand, kept from block to block.
  private x = new Float64Array(0);
  private out = new Float64Array(0);
  private changed = 0;
  private readonly dirty = new DirtySlots();

  readonly state: KeyedState = {
    dirty: this.dirty,
    snapshot: (slot) => this.transformers[slot]?.snapshot() ?? null,
    bytesPerKey: () => this.transformers[0]?.bytes ?? 0,
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
    this.rowOut = new Float64Array(spec.features.length);
  }

  run([input]: readonly [Batch]): Batch[] {
    const { items } = input;
    const slots = input.slots as Int32Array;
    const names = this.spec.features;
    const size = items.length * names.length;
    if (this.x.length < size) {
      this.x = new Float64Array(size);
      this.out = new Float64Array(size);
    }
    readFeatures(items, names, undefined, this.x);
    for (let from = 0, to = 0; from < items.length; from = to) {
      while (to < items.length && slots[to] === slots[from]) to++;
      this.learnTransform(slots[from] as number, from, to);
    }
    this.dirty.addAll(slots);
    const result = this.filledIn(items);
    return [result === items ? input : input.withItems(result)];
  }

  counts(): Counts {
    return { changed: this.changed };
  }

  /** Rows that follow each other and are of one key. */
  private learnTransform(slot: number, from: number, to: number): void {
    const { row, rowOut, x, out } = this;
    const transformer = this.at(slot);
    if (transformer.learnTransform !== undefined) {
      transformer.learnTransform(x, from, to, out);
      return;
    }
    const columns = row.length;
    for (let at = from * columns; at < to * columns; at += columns) {
      for (let column = 0; column < columns; column++) row[column] = x[at + column] as number;
      transformer.learnOne(row);
      transformer.transformOne(row, rowOut);
      for (let column = 0; column < columns; column++) out[at + column] = rowOut[column] as number;
    }
  }

  /** The records with what changed in them; the same array when nothing did. */
  private filledIn(items: readonly unknown[]): readonly unknown[] {
    const { x, out } = this;
    const columns = this.row.length;
    let result: unknown[] | undefined;
    for (let i = 0, start = 0; i < items.length; i++, start += columns) {
      for (let at = start; at < start + columns; at++) {
        if (out[at] === x[at] || out[at] !== out[at]) continue;
        result ??= [...items];
        result[i] = this.copy(items[i] as Record<string, unknown>, start);
        break;
      }
    }
    return result ?? items;
  }

  private copy(item: Record<string, unknown>, start: number): Record<string, unknown> {
    const { x, out } = this;
    const copy = { ...item };
    this.spec.features.forEach((name, column) => {
      const value = out[start + column] as number;
      const before = x[start + column] as number;
      if (value === before || value !== value) return;
      // Only what is missing is filled in; what is there and no number stays for the model to skip and count.
      if (before !== before && !isMissing(item[name])) return;
      copy[name] = value;
      this.changed++;
    });
    return copy;
  }

  private at(slot: number): OnlineTransformer {
    while (this.transformers.length <= slot) this.transformers.push(this.spec.create());
    return this.transformers[slot] as OnlineTransformer;
  }
}
