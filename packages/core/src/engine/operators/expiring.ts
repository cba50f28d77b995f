import { Batch } from '../batch.ts';
import { DueHeap } from '../due-heap.ts';
import type { Counts, KeyedState, Operator, StepContext } from '../operator.ts';

/** Whose time a key's life is measured by: the stage's event time, the key's own, or the processing time. */
export type ExpiryClock = 'source' | 'key' | 'processing';

export interface Expiry {
  readonly ttlMs: number;
  readonly clock: ExpiryClock;
}

type Inner = Operator & { readonly state: KeyedState };

/** `LTT1`: a state with its times before it. */
const MAGIC = 0x3154544c;
const HEAD_BYTES = 20;

/**
 * Forgets a key's state when time has moved on by more than the TTL since the key's last record; its next record begins anew. Told
 * at each record from the times alone, so that it does not depend on blocks, workers or restarts; that memory is given back between is
 * only what would have been found at the next record.
 */
export class ExpiringOperator implements Operator {
  readonly state: KeyedState;
  /** An operator that time passes in must see every block. */
  readonly eager = true;
  private readonly inner: Inner;
  private readonly ttlMs: number;
  private readonly clock: ExpiryClock;
  /** Event time at which a slot was last seen (the watermark, where that was further), NaN for none; processing time by that clock. */
  private last = new Float64Array(0);
  /** Processing time of the block at which it was last seen. */
  private seen = new Float64Array(0);
  /** Number of the run of the inner operator that a slot was last part of. */
  private part = new Float64Array(0);
  private parts = 0;
  private readonly heap = new DueHeap();
  private expired = 0;

  constructor(inner: Inner, { ttlMs, clock }: Expiry) {
    this.inner = inner;
    this.ttlMs = ttlMs;
    this.clock = clock;
    const { state } = inner;
    this.state = {
      dirty: state.dirty,
      drain: (emit) => {
        for (const slot of state.dirty.take()) emit(slot, this.snapshot(slot));
      },
      snapshot: (slot) => this.snapshot(slot),
      restore: (slot, bytes) => this.restore(slot, bytes),
      forget: (slot) => this.forget(slot),
      bytesPerKey: () => state.bytesPerKey() + 24,
      isVacant: (slot) => !this.isKnown(slot),
      touchedIn: (bytes) => touchedIn(bytes, clock),
      cutoff: (context) => this.now(context) - ttlMs,
    };
  }

  run([input]: readonly [Batch], context: StepContext): readonly Batch[] {
    const outputs: Batch[] = [];
    let from = 0;
    this.parts++;
    const slots = input.slots as Int32Array;
    for (let i = 0; i < input.length; i++) {
      context.at = i;
      const slot = slots[i] as number;
      if (slot >= this.last.length) this.grow(slot);
      if (this.touch(slot, input.times?.[i] as number, input.marks?.[i] as number, context)) {
        // The inner operator knows nothing of time: what came before in this block is handled with the old state.
        if (this.part[slot] === this.parts) {
          outputs.push(this.runPart(input, from, i, context));
          from = i;
          this.parts++;
        }
        this.inner.state.forget(slot);
        this.expired++;
      }
      this.part[slot] = this.parts;
    }
    if (from < input.length) outputs.push(this.runPart(input, from, input.length, context));
    this.reclaim(context);
    return outputs.length === 1 ? outputs : [joined(input, outputs)];
  }

  counts(): Counts {
    return { ...this.inner.counts?.(), expired: this.expired };
  }

  /** Notes that a slot was seen; says whether its state had expired. */
  private touch(slot: number, time: number, mark: number, context: StepContext): boolean {
    const { now } = context.block;
    const last = this.last[slot] as number;
    let current = now;
    if (this.clock === 'source') current = Math.max(time, context.watermarks.at(mark));
    else if (this.clock === 'key') current = time;
    const silent = this.clock === 'key' ? now - (this.seen[slot] as number) : 0;
    const isTimed = last > -Infinity;
    const isOver = isTimed && (current - last > this.ttlMs || silent > this.ttlMs);
    this.last[slot] = isOver || !(current <= last) ? current : last;
    this.seen[slot] = now;
    // Later than that it is due, never earlier: who takes it from the heap looks again.
    if (!isTimed) this.heap.push(this.dueOf(slot), slot);
    return isOver;
  }

  private runPart(input: Batch, from: number, to: number, context: StepContext): Batch {
    if (from === 0 && to === input.length) return this.inner.run([input], context)[0] as Batch;
    const positions = Int32Array.from({ length: to - from }, (_, i) => from + i);
    return this.inner.run([input.pick(positions, positions.length)], context)[0] as Batch;
  }

  /** Gives back the memory of keys whose time is over. */
  private reclaim(context: StepContext): void {
    const now = this.now(context);
    for (const slot of this.heap.take(now)) {
      if (!this.isKnown(slot)) continue;
      const due = this.dueOf(slot);
      if (now <= due) {
        this.heap.push(due, slot);
        continue;
      }
      this.forget(slot);
      this.expired++;
      this.state.dirty.add(slot);
      this.state.onVacant?.(slot);
    }
  }

  /** What silence is measured by between records. */
  private now({ block, watermarks }: StepContext): number {
    // At the end of the input every window is over, but no key has been silent for long.
    if (this.clock === 'source') return block.last ? -Infinity : watermarks.atEnd;
    return block.now;
  }

  private dueOf(slot: number): number {
    return (this.clock === 'key' ? (this.seen[slot] as number) : (this.last[slot] as number)) + this.ttlMs;
  }

  private isKnown(slot: number): boolean {
    const last = this.last[slot];
    return last !== undefined && last === last;
  }

  private forget(slot: number): void {
    this.inner.state.forget(slot);
    if (slot < this.last.length) this.last[slot] = NaN;
  }

  private snapshot(slot: number): Uint8Array<ArrayBuffer> | null {
    const bytes = this.isKnown(slot) ? this.inner.state.snapshot(slot) : null;
    if (bytes === null) return null;
    const whole = new Uint8Array(HEAD_BYTES + bytes.length);
    const view = new DataView(whole.buffer);
    view.setUint32(0, MAGIC, true);
    view.setFloat64(4, this.last[slot] as number, true);
    view.setFloat64(12, this.seen[slot] as number, true);
    whole.set(bytes, HEAD_BYTES);
    return whole;
  }

  private restore(slot: number, bytes: Uint8Array): void {
    this.grow(slot);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const isTimed = bytes.length >= HEAD_BYTES && view.getUint32(0, true) === MAGIC;
    // A state from before the step had a TTL lives from its next record on.
    this.last[slot] = isTimed ? view.getFloat64(4, true) : -Infinity;
    this.seen[slot] = isTimed ? view.getFloat64(12, true) : Infinity;
    if (isTimed) this.heap.push(this.dueOf(slot), slot);
    this.inner.state.restore(slot, isTimed ? bytes.subarray(HEAD_BYTES) : bytes);
  }

  private grow(slot: number): void {
    if (slot < this.last.length) return;
    const size = Math.max(64, this.last.length * 2, slot + 1);
    const [last, seen, part] = [
      new Float64Array(size).fill(NaN),
      new Float64Array(size),
      new Float64Array(size),
    ];
    last.set(this.last);
    seen.set(this.seen);
    part.set(this.part);
    Object.assign(this, { last, seen, part });
  }
}

/** The state without its times, for a step that has no TTL any more. */
export function withoutTimes(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isTimed = bytes.length >= HEAD_BYTES && view.getUint32(0, true) === MAGIC;
  return isTimed ? bytes.subarray(HEAD_BYTES) : bytes;
}

function touchedIn(bytes: Uint8Array, clock: ExpiryClock): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD_BYTES || view.getUint32(0, true) !== MAGIC) return Infinity;
  return view.getFloat64(clock === 'key' ? 12 : 4, true);
}

/** One batch again of what was handled in parts. */
function joined(input: Batch, outputs: readonly Batch[]): Batch {
  return input.withItems(outputs.flatMap(({ items }) => items));
}
