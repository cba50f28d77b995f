import type { WindowSpan, Windower } from '../../base/window.ts';
import type { Batch, Key } from '../batch.ts';
import { DirtySlots } from '../dirty-slots.ts';
import { DueHeap } from '../due-heap.ts';
import { Emissions } from '../emissions.ts';
import { newClock, type KeyClock } from '../key-clock.ts';
import { Lateness } from '../lateness.ts';
import type { Counts, KeyedState, Operator, StateCodec, StepContext } from '../operator.ts';
import { dequeue, enqueue, type Waiting } from '../time-queue.ts';
import type { Timeliness } from '../timeliness.ts';

/** What a window came to. */
export interface WindowResult<K, A> {
  readonly key: K;
  readonly window: WindowSpan;
  readonly value: A;
}

/** A record that came after the watermark had passed its time. */
export interface Late<K, T> {
  readonly key: K;
  /** Id of a window that it would have belonged to; -1 where that cannot be told. */
  readonly window: number;
  readonly time: number;
  readonly value: T;
}

/** How the records of a window become one value. */
export interface Fold {
  initial(): unknown;
  fold(value: unknown, item: unknown): unknown;
  /** Joins the values of two windows that became one; needed only for unordered sessions. */
  merge?(a: unknown, b: unknown): unknown;
  /** What comes out when the window is over; the value itself if not given. */
  result?(value: unknown): unknown;
}

export interface WindowOptions {
  readonly windower: Windower;
  readonly fold: Fold;
  readonly timeliness: Timeliness;
  /** Fold in the order of event time, waiting for the watermark; otherwise in the order of arrival. */
  readonly ordered: boolean;
}

interface KeyState {
  readonly clock: KeyClock;
  readonly queue: Waiting[];
  readonly windows: unknown;
  readonly values: Map<number, unknown>;
}

/** Gathers each key's records in windows of event time. First port: what windows came to; second: late records. */
export class WindowOperator implements Operator {
  readonly eager = true;
  private readonly options: WindowOptions;
  private readonly codec: StateCodec;
  private readonly states: (KeyState | undefined)[] = [];
  private readonly keys: Key[] = [];
  private readonly heap = new DueHeap();
  private readonly dirty = new DirtySlots();
  private readonly lateness: Lateness;
  /** Bytes of the last state that was written. */
  private bytes = 500;
  private readonly closed = new Emissions();
  /** No result is earlier than this, so that none is late for the steps behind; stamps finer than a millisecond would be. */
  private earliest = -Infinity;
  private readonly tally = { late: 0, closed: 0 };

  readonly state: KeyedState = {
    dirty: this.dirty,
    drain: (emit) => {
      for (const slot of this.dirty.take()) emit(slot, this.encode(slot));
    },
    snapshot: (slot) => this.encode(slot),
    bytesPerKey: () => this.bytes,
    isVacant: (slot) => this.states[slot] === undefined,
    isResting: (slot) => {
      const state = this.states[slot];
      return state === undefined || (state.queue.length === 0 && state.values.size === 0);
    },
    restore: (slot, bytes) => {
      const [key, state] = this.codec.decode(bytes) as [Key, KeyState];
      this.states[slot] = state;
      this.keys[slot] = key;
      this.heap.push(this.dueOf(state), slot);
    },
    openIn: (bytes) => {
      const [, { queue, windows }] = this.codec.decode(bytes) as [Key, KeyState];
      return spansOf(this.options.windower, windows, queue);
    },
    forget: (slot) => {
      this.states[slot] = undefined;
    },
  };

  constructor(options: WindowOptions, codec: StateCodec) {
    this.options = options;
    this.codec = codec;
    this.lateness = new Lateness(options.timeliness);
  }

  run([input]: readonly [Batch], context: StepContext): Batch[] {
    const touched = new Set<number>();
    const late: Late<Key, unknown>[] = [];
    const lateAt: number[] = [];
    const slots = input.slots as Int32Array;
    this.earliest =
      this.options.timeliness.watermark === 'key' ? -Infinity : context.watermarks.at(-Infinity);
    for (let i = 0; i < input.length; i++) {
      context.at = i;
      const slot = slots[i] as number;
      const key = input.keys?.[i] as Key;
      const time = input.times?.[i] as number;
      const state = this.stateOf(slot, key);
      const watermark = this.lateness.at(state.clock, time, input.marks?.[i] as number, context);
      touched.add(slot);
      if (time < watermark) {
        for (const window of this.options.windower.lateIds(time)) {
          late.push({ key, window, time, value: input.items[i] });
          lateAt.push(i);
        }
      } else if (this.options.ordered) {
        enqueue(state.queue, { time, item: input.items[i] });
      } else {
        this.take(slot, state, time, input.items[i]);
      }
    }
    this.closeDue(touched, context);
    this.tally.late += late.length;
    const lateBatch = input.pick(Int32Array.from(lateAt), late.length, late);
    // A record can be late for several windows: the order of those is a rank of its own.
    const ranks = [...lateBatch.explicitRanks(), Int32Array.from(lateAt, (_, i) => i)];
    return [this.closed.take(), lateBatch.with({ ranks })];
  }

  counts(): Counts {
    return { ...this.tally, open: this.states.reduce((sum, state) => sum + (state?.values.size ?? 0), 0) };
  }

  /** Closes what is over at the end of the block, in the keys that had records and in those whose time has come. */
  private closeDue(touched: Set<number>, context: StepContext): void {
    if (context.block.last) this.states.forEach((_, slot) => touched.add(slot));
    for (const slot of this.heap.take(this.lateness.reached(context))) touched.add(slot);
    for (const slot of touched) {
      const state = this.states[slot];
      if (state === undefined) continue;
      this.dirty.add(slot);
      this.close(slot, state, this.lateness.atEnd(state.clock, context));
      if (this.isSpent(state)) this.leave(slot);
      else this.heap.push(this.dueOf(state), slot);
    }
  }

  private leave(slot: number): void {
    this.states[slot] = undefined;
    this.state.onVacant?.(slot);
  }

  private encode(slot: number): Uint8Array<ArrayBuffer> | null {
    const state = this.states[slot];
    if (state === undefined) return null;
    const bytes = this.codec.encode([this.keys[slot], state]);
    this.bytes = bytes.length;
    return bytes;
  }

  /** True for a key of which nothing needs to be known any more: its next record is as its first. */
  private isSpent({ queue, values, windows }: KeyState): boolean {
    const { windower, timeliness } = this.options;
    if (timeliness.watermark === 'key' || queue.length > 0 || values.size > 0) return false;
    return windower.isFresh?.(windows) === true;
  }

  private close(slot: number, state: KeyState, watermark: number): void {
    for (const { time, item } of dequeue(state.queue, watermark)) {
      // What is over before this record must not take it in.
      if (!this.options.windower.endsByRecord) this.collect(slot, state, time);
      this.take(slot, state, time, item);
    }
    this.collect(slot, state, watermark);
  }

  /** Puts a record into its windows. */
  private take(slot: number, state: KeyState, time: number, item: unknown): void {
    const { windower, fold } = this.options;
    const { values } = state;
    const { ids, merged } = windower.assign(state.windows, time);
    for (const id of ids) values.set(id, fold.fold(values.has(id) ? values.get(id) : fold.initial(), item));
    for (const [from, into] of merged) {
      values.set(into, fold.merge?.(values.get(into), values.get(from)));
      values.delete(from);
    }
    if (windower.endsByRecord) this.collect(slot, state, -Infinity);
  }

  private collect(slot: number, state: KeyState, watermark: number): void {
    const { windower } = this.options;
    for (const window of windower.close(state.windows, watermark)) {
      const key = this.keys[slot] as Key;
      const value = state.values.get(window.id);
      const { result } = this.options.fold;
      const closed: WindowResult<Key, unknown> = { key, window, value: result ? result(value) : value };
      this.tally.closed++;
      const time = Math.max(windower.resultTime?.(window) ?? window.end - 1, this.earliest);
      this.closed.add(slot, key, time, closed);
      state.values.delete(window.id);
    }
  }

  /** When the slot must be looked at again. */
  private dueOf({ clock, queue, windows }: KeyState): number {
    const { windower } = this.options;
    const first = queue[0];
    const due = Math.min(windower.due(windows), first === undefined ? Infinity : windower.dueOf(first.time));
    return this.lateness.whenDue(clock, due);
  }

  private stateOf(slot: number, key: Key): KeyState {
    const found = this.states[slot];
    if (found !== undefined) return found;
    const state: KeyState = {
      clock: newClock(),
      queue: [],
      windows: this.options.windower.initial(),
      values: new Map(),
    };
    while (this.states.length <= slot) this.states.push(undefined);
    this.states[slot] = state;
    this.keys[slot] = key;
    return state;
  }
}

/** Windows that are open, or that records which wait will open; uses the state up. */
function spansOf(windower: Windower, windows: unknown, queue: readonly Waiting[]): WindowSpan[] {
  const spans: WindowSpan[] = [];
  for (const { time } of queue) {
    windower.assign(windows, time);
    if (windower.endsByRecord) spans.push(...windower.close(windows, -Infinity));
  }
  return [...spans, ...windower.close(windows, Infinity)];
}
