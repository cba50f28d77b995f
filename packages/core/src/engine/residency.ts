import type { Key } from './batch.ts';
import type { ColdStore, HotKeys } from './cold-store.ts';
import type { KeyTable } from './key-table.ts';
import type { Counts, KeyedState, StepContext } from './operator.ts';
import type { StateEntry } from './state-entry.ts';

/** A step that keeps state by the keys of one keyBy. */
export interface Resident {
  readonly step: string;
  readonly state: KeyedState;
}

/** Bytes of a key itself: its text, its place in the table. */
const KEY_BYTES = 150;
/** Blocks from one look for expired keys among the cold ones to the next. */
const SWEEP_BLOCKS = 64;
/** Where nothing can be moved out, so many more keys may come before it is tried again. */
const GIVE_UP = 1.1;

/**
 * Which keys of a keyBy are in memory. Those that have not been seen for longest go to the cold store where there are more than
 * fit, with the state of every step, and come back as they were. Keys of which nothing is left to know are forgotten.
 */
export class Residency {
  private readonly table: KeyTable;
  private readonly residents: readonly Resident[];
  private readonly hot: HotKeys | undefined;
  private readonly durable: boolean;
  /** Steps of keys that went cold changed since the last epoch, and of keys that are gone. */
  private readonly owed = new Map<Resident, Set<Key>>();
  private readonly gone = new Map<Resident, Set<Key>>();
  private vacated: number[] = [];
  private store: ColdStore | undefined;
  private hand = 0;
  private patience = 0;
  private blocks = 0;
  private readonly tally = { evicted: 0, restored: 0, expired: 0 };

  /** @param durable whether changes are asked for at the end of an epoch */
  constructor(table: KeyTable, residents: readonly Resident[], hot: HotKeys | undefined, durable: boolean) {
    this.table = table;
    this.residents = residents;
    this.hot = hot;
    this.durable = durable;
    for (const resident of residents) {
      this.owed.set(resident, new Set());
      this.gone.set(resident, new Set());
      resident.state.onVacant = (slot) => this.vacated.push(slot);
    }
    if (hot !== undefined) table.onAdd = (slot, key) => this.load(slot, key);
  }

  counts(): Counts {
    return this.store === undefined ? {} : this.tally;
  }

  /** After each block: forgets keys that are gone, and moves out what does not fit. */
  trim(context: StepContext): void {
    if (this.vacated.length > 0) this.release();
    if (this.store !== undefined && ++this.blocks % SWEEP_BLOCKS === 0) this.sweep(context);
    if (this.hot === undefined) return;
    const most = this.keysMax();
    // What was seen is noted only where it may soon matter.
    this.table.noting = this.table.size * 2 > most;
    if (this.table.size > Math.max(most, this.patience)) this.evict(this.table.size - most);
  }

  /** Takes a stored state in, into memory while there is room. @returns false where the step is none of these */
  restore(step: string, key: Key, bytes: Uint8Array<ArrayBuffer>): boolean {
    const resident = this.residents.find((own) => own.step === step);
    if (resident === undefined) return false;
    const { state } = resident;
    const waits = state.isResting !== undefined;
    if (this.hot === undefined || waits || this.table.has(key) || this.table.size < this.keysMax()) {
      state.restore(this.table.slot(key), bytes);
    } else {
      this.cold().put(step, key, bytes, state.touchedIn?.(bytes) ?? null);
    }
    return true;
  }

  /** What changed of keys that are not in memory any more. */
  drain(into: StateEntry[]): void {
    for (const [{ step }, keys] of this.gone) {
      for (const key of keys) into.push({ step, key, bytes: null });
      keys.clear();
    }
    for (const [{ step }, keys] of this.owed) {
      for (const key of keys) into.push({ step, key, bytes: this.store?.get(step, key) ?? null });
      keys.clear();
    }
  }

  private keysMax(): number {
    const { keysMax, stateBytes } = this.hot as HotKeys;
    if (keysMax !== undefined) return keysMax;
    const bytes = this.residents.reduce((sum, { state }) => sum + state.bytesPerKey(), KEY_BYTES);
    return Math.max(1, Math.floor(stateBytes / bytes));
  }

  private cold(): ColdStore {
    this.store ??= (this.hot as HotKeys).open();
    return this.store;
  }

  /** A key that is new to memory may have been here before. */
  private load(slot: number, key: Key): void {
    if (this.store === undefined) return;
    for (const resident of this.residents) {
      const bytes = this.store.get(resident.step, key);
      if (bytes === undefined) continue;
      resident.state.restore(slot, bytes);
      this.tally.restored++;
      if (this.owed.get(resident)?.delete(key) === true) resident.state.dirty.add(slot);
    }
  }

  /** Moves `count` keys out: those not seen since the hand came by last. */
  private evict(count: number): void {
    const { table } = this;
    let left = count;
    for (let looked = table.slots * 2; left > 0 && looked > 0; looked--) {
      if (this.hand >= table.slots) this.hand = 0;
      const slot = this.hand++;
      if (!table.isTaken(slot) || table.takeNote(slot) || !this.isResting(slot)) continue;
      this.moveOut(slot);
      left--;
    }
    this.patience = left > 0 ? table.size * GIVE_UP : 0;
  }

  private isResting(slot: number): boolean {
    return this.residents.every(({ state }) => state.isResting?.(slot) ?? true);
  }

  private moveOut(slot: number): void {
    const key = this.table.key(slot);
    const store = this.cold();
    for (const resident of this.residents) {
      const { step, state } = resident;
      const bytes = state.isVacant?.(slot) === true ? null : state.snapshot(slot);
      const changed = state.dirty.remove(slot);
      if (bytes === null) {
        store.remove(step, key);
        if (changed && this.durable) this.gone.get(resident)?.add(key);
      } else {
        store.put(step, key, bytes, state.touchedIn?.(bytes) ?? null);
        if (changed && this.durable) this.owed.get(resident)?.add(key);
      }
      state.forget(slot);
    }
    this.table.release(key);
    this.tally.evicted++;
  }

  /** Gives slots back whose key no step knows anything of any more. */
  private release(): void {
    const { vacated } = this;
    this.vacated = [];
    for (const slot of vacated) {
      if (!this.table.isTaken(slot)) continue;
      if (!this.residents.every(({ state }) => state.isVacant?.(slot) === true)) continue;
      const key = this.table.key(slot);
      for (const resident of this.residents) {
        resident.state.forget(slot);
        this.store?.remove(resident.step, key);
        if (resident.state.dirty.remove(slot) && this.durable) this.gone.get(resident)?.add(key);
      }
      this.table.release(key);
    }
  }

  private sweep(context: StepContext): void {
    for (const resident of this.residents) {
      const cutoff = resident.state.cutoff?.(context);
      if (cutoff === undefined || this.store === undefined) continue;
      for (const key of this.store.expire(resident.step, cutoff)) {
        // A key that is back in memory has left its old state behind in the store.
        if (this.table.has(key)) continue;
        this.tally.expired++;
        this.owed.get(resident)?.delete(key);
        if (this.durable) this.gone.get(resident)?.add(key);
      }
    }
  }
}
