import type { Bank, ModelSpec } from '../base/component.ts';
import type { OnlineModel } from '../base/model.ts';

/** The bank of a model that has none of its own: one instance a slot. */
export class InstanceBank implements Bank {
  private readonly spec: ModelSpec;
  private readonly models: OnlineModel[] = [];
  private readonly row: Float64Array;

  constructor(spec: ModelSpec) {
    this.spec = spec;
    this.row = new Float64Array(spec.features.length);
  }

  get bytesPerSlot(): number {
    return this.models[0]?.bytes ?? this.spec.create().bytes;
  }

  reserve(count: number): void {
    while (this.models.length < count) this.models.push(this.spec.create());
  }

  reset(slot: number): void {
    this.models[slot] = this.spec.create();
  }

  scoreLearn(slots: Int32Array, x: Float64Array, n: number, scores: Float64Array, ready: Uint8Array): void {
    const { row } = this;
    for (let i = 0; i < n; i++) {
      const model = this.models[slots[i] as number] as OnlineModel;
      for (let column = 0; column < row.length; column++) row[column] = x[i * row.length + column] as number;
      ready[i] = model.ready ? 1 : 0;
      scores[i] = model.scoreOne(row);
      model.learnOne(row);
    }
  }

  snapshot(slot: number): Uint8Array<ArrayBuffer> {
    return (this.models[slot] as OnlineModel).snapshot();
  }

  restore(slot: number, bytes: Uint8Array): void {
    (this.models[slot] as OnlineModel).restore(bytes);
  }
}
