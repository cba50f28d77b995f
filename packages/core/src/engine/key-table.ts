import type { Key } from './batch.ts';

/** Gives each key of one worker a small dense number, by which state is stored. */
export class KeyTable {
  private readonly slotOf = new Map<Key, number>();
  private readonly keyOf: (Key | undefined)[] = [];
  private readonly free: number[] = [];
  /** Told of each key that gets a slot. */
  onAdd: ((slot: number, key: Key) => void) | undefined;
  /** Whether it is noted which slots are used. */
  noting = false;
  private notes = new Uint8Array(0);

  get size(): number {
    return this.slotOf.size;
  }

  /** The slot of each key; new keys get a free one. */
  assign(keys: readonly Key[]): Int32Array {
    const slots = new Int32Array(keys.length);
    // Runs of one key are the rule: a fleet-wide state, or readings that arrive device by device.
    let [last, slot]: [Key | undefined, number] = [undefined, 0];
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as Key;
      if (key !== last) {
        last = key;
        slot = this.slot(key);
        if (this.noting) this.note(slot);
      }
      slots[i] = slot;
    }
    return slots;
  }

  slot(key: Key): number {
    return this.slotOf.get(key) ?? this.add(key);
  }

  has(key: Key): boolean {
    return this.slotOf.has(key);
  }

  /** One more than the highest slot ever given. */
  get slots(): number {
    return this.keyOf.length;
  }

  isTaken(slot: number): boolean {
    return this.keyOf[slot] !== undefined;
  }

  /** Whether a slot was used since this was last asked. */
  takeNote(slot: number): boolean {
    const noted = this.notes[slot] === 1;
    if (noted) this.notes[slot] = 0;
    return noted;
  }

  key(slot: number): Key {
    return this.keyOf[slot] as Key;
  }

  /** Gives a key's slot back; the states under it must be forgotten too. */
  release(key: Key): void {
    const slot = this.slotOf.get(key);
    if (slot === undefined) return;
    this.slotOf.delete(key);
    this.keyOf[slot] = undefined;
    this.free.push(slot);
  }

  private add(key: Key): number {
    const slot = this.free.pop() ?? this.keyOf.length;
    this.keyOf[slot] = key;
    this.slotOf.set(key, slot);
    this.onAdd?.(slot, key);
    return slot;
  }

  private note(slot: number): void {
    if (slot >= this.notes.length) {
      const grown = new Uint8Array(Math.max(this.notes.length * 2, this.keyOf.length));
      grown.set(this.notes);
      this.notes = grown;
    }
    this.notes[slot] = 1;
  }
}
