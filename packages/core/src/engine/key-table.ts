import type { Key } from './batch.ts';

/** Gives each key of one worker a small dense number, by which state is stored. */
export class KeyTable {
  private readonly slotOf = new Map<Key, number>();
  private readonly keyOf: (Key | undefined)[] = [];
  private readonly free: number[] = [];

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
      }
      slots[i] = slot;
    }
    return slots;
  }

  slot(key: Key): number {
    return this.slotOf.get(key) ?? this.add(key);
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
    return slot;
  }
}
