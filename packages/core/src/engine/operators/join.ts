import type { Batch, Key } from '../batch.ts';
import { DirtySlots } from '../dirty-slots.ts';
import { DueHeap } from '../due-heap.ts';
import { Emissions } from '../emissions.ts';
import { newClock, type KeyClock } from '../key-clock.ts';
import { Lateness } from '../lateness.ts';
import type { Counts, KeyedState, Operator, StateCodec, StepContext } from '../operator.ts';
import type { Timeliness } from '../timeliness.ts';
import { bothSides, type Side } from './sides.ts';

/** A record of one side, with its event time in epoch milliseconds. */
export interface TimedRecord {
  readonly time: number;
  readonly item: unknown;
}

/** Two records that belong together; `right` is null for a left record that found none. */
export interface Joined<K, T, U> {
  readonly key: K;
  readonly left: T;
  readonly right: U;
}

/** A record that came to a join after the watermark had passed its time. */
export interface JoinLate<K, T, U> {
  readonly key: K;
  readonly side: Side;
  readonly time: number;
  readonly value: T | U;
}

export type EmitPair = (time: number, left: unknown, right: unknown) => void;

/** Which records belong together; plain functions over a key's state, which is plain data. */
export interface Matcher<S = unknown> {
  initial(): S;
  /** Takes the records of a key in the order of their event time; of the same time those of the right first. */
  take(state: S, side: Side, record: TimedRecord, emit: EmitPair): void;
  /** Lets go of what no record from `watermark` on can match. */
  expire(state: S, watermark: number, emit: EmitPair): void;
  /** The time that a watermark must have passed before `expire` has something to do; Infinity where it never has. */
  due(state: S): number;
  /** True for a state that is as `initial()` made it. */
  isFresh(state: S): boolean;
}

interface Waiting extends TimedRecord {
  readonly side: Side;
}

interface KeyState {
  readonly key: Key;
  readonly clock: KeyClock;
  /** Records that the watermark has not passed, in the order in which they will be taken. */
  readonly queue: Waiting[];
  readonly matched: unknown;
}

/**
 * Joins the records of two inputs that have the same key. Every record waits until the watermark has passed its time, so that what
 * comes out does not depend on the order of arrival. First port: pairs; second: late records.
 */
export class JoinOperator implements Operator {
  readonly eager = true;
  private readonly matcher: Matcher;
  private readonly byKey: boolean;
  private readonly codec: StateCodec;
  private readonly lateness: Lateness;
  /** Bytes of the last state that was written. */
  private bytes = 500;
  private readonly states: (KeyState | undefined)[] = [];
  private readonly heap = new DueHeap();
  private readonly dirty = new DirtySlots();
  private readonly pairs = new Emissions();
  private readonly tally = { late: 0, joined: 0, unmatched: 0 };

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
      return (
        state === undefined || (state.queue.length === 0 && this.matcher.due(state.matched) === Infinity)
      );
    },
    restore: (slot, bytes) => {
      this.makeRoom(slot);
      const state = this.codec.decode(bytes) as KeyState;
      this.states[slot] = state;
      this.heap.push(this.dueOf(state), slot);
    },
    forget: (slot) => {
      this.states[slot] = undefined;
    },
  };

  constructor(matcher: Matcher, timeliness: Timeliness, codec: StateCodec) {
    this.matcher = matcher;
    this.byKey = timeliness.watermark === 'key';
    this.codec = codec;
    this.lateness = new Lateness(timeliness);
  }

  run([left, right]: readonly [Batch, Batch], context: StepContext): Batch[] {
    const { batch, sides } = bothSides(left, right);
    const touched = new Set<number>();
    const late: JoinLate<Key, unknown, unknown>[] = [];
    const lateAt: number[] = [];
    for (let i = 0; i < batch.length; i++) {
      context.at = i;
      const slot = batch.slots?.[i] as number;
      const key = batch.keys?.[i] as Key;
      const time = batch.times?.[i] as number;
      const item = batch.items[i];
      const side: Side = sides[i] === 0 ? 'left' : 'right';
      const state = this.stateOf(slot, key);
      touched.add(slot);
      if (time < this.lateness.at(state.clock, time, batch.marks?.[i] as number, context)) {
        late.push({ key, side, time, value: item });
        lateAt.push(i);
      } else {
        insert(state.queue, { time, side, item });
      }
    }
    this.tally.late += late.length;
    this.takeDue(touched, context);
    return [this.pairs.take(), batch.pick(Int32Array.from(lateAt), late.length, late)];
  }

  counts(): Counts {
    const waiting = this.states.reduce((sum, state) => sum + (state?.queue.length ?? 0), 0);
    return { ...this.tally, waiting };
  }

  private takeDue(touched: Set<number>, context: StepContext): void {
    if (context.block.last) this.states.forEach((_, slot) => touched.add(slot));
    for (const slot of this.heap.take(this.lateness.reached(context))) touched.add(slot);
    for (const slot of touched) {
      const state = this.states[slot];
      if (state === undefined) continue;
      this.dirty.add(slot);
      this.advance(slot, state, this.lateness.atEnd(state.clock, context));
      const spent = !this.byKey && state.queue.length === 0 && this.matcher.isFresh(state.matched);
      if (spent) this.leave(slot);
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
    const bytes = this.codec.encode(state);
    this.bytes = bytes.length;
    return bytes;
  }

  /** Takes what lies before the watermark. At the watermark itself a record may still come, and it can be the one that matches. */
  private advance(slot: number, { key, queue, matched }: KeyState, watermark: number): void {
    const emit: EmitPair = (time, left, right) => {
      this.tally[right === null ? 'unmatched' : 'joined']++;
      this.pairs.add(slot, key, time, { key, left, right });
    };
    let count = 0;
    while (count < queue.length && (queue[count] as Waiting).time < watermark) {
      const { side, time, item } = queue[count++] as Waiting;
      this.matcher.take(matched, side, { time, item }, emit);
    }
    queue.splice(0, count);
    this.matcher.expire(matched, watermark, emit);
  }

  private dueOf({ clock, queue, matched }: KeyState): number {
    const due = Math.min(queue[0]?.time ?? Infinity, this.matcher.due(matched));
    return this.lateness.whenDue(clock, justAfter(due));
  }

  private stateOf(slot: number, key: Key): KeyState {
    this.makeRoom(slot);
    const found = this.states[slot];
    if (found !== undefined) return found;
    const state = { key, clock: newClock(), queue: [], matched: this.matcher.initial() };
    this.states[slot] = state;
    return state;
  }

  private makeRoom(slot: number): void {
    while (this.states.length <= slot) this.states.push(undefined);
  }
}

/** Puts a record behind those that are taken before it. Records come nearly in order, so the search begins at the end. */
function insert(queue: Waiting[], entry: Waiting): void {
  let at = queue.length;
  while (at > 0 && isBefore(entry, queue[at - 1] as Waiting)) at--;
  if (at === queue.length) queue.push(entry);
  else queue.splice(at, 0, entry);
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.time === b.time ? a.side === 'right' && b.side === 'left' : a.time < b.time;
}

/** The next number above an instant: a watermark there has passed it. */
function justAfter(time: number): number {
  return time + time * 2 ** -53;
}
