import type { Key } from './batch.ts';

/** Gives each key of one worker a small dense number, by which state is stored. */
export class KeyTable {
  private readonly slotOf = new Map<Key, number>();
  private readonly keyOf: Key[] = [];

  get size(): number {
    return this.keyOf.length;
  }

  /** The slot of each key; new keys get the next ones. */
  assign(keys: readonly Key[]): Int32Array {
    const slots = new Int32Array(keys.length);
    // Runs of one key are the rule: a fleet-wide state, or readings that arrive device by device.
    let [last, slot]: [Key | undefined, number] = [undefined, 0];
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as Key;
      if (key !== last) {
        last = key;
        slot = this.slotOf.get(key) ?? this.add(key);
      }
      slots[i] = slot;
    }
    return slots;
  }

  key(slot: number): Key {
    return this.keyOf[slot] as Key;
  }

  private add(key: Key): number {
    const slot = this.keyOf.length;
    this.keyOf.push(key);
    this.slotOf.set(key, slot);
    return slot;
  }
}
