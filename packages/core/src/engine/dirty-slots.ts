/** The slots whose state changed since the last epoch, each once, in the order of their first change. */
export class DirtySlots {
  private flags = new Uint8Array(64);
  private list: number[] = [];
  private removed = false;

  add(slot: number): void {
    if (slot >= this.flags.length) this.grow(slot);
    if (this.flags[slot] === 1) return;
    this.flags[slot] = 1;
    this.list.push(slot);
  }

  addAll(slots: Int32Array): void {
    for (let i = 0; i < slots.length; i++) this.add(slots[i] as number);
  }

  /** Takes a slot off; says whether it was on. */
  remove(slot: number): boolean {
    if (this.flags[slot] !== 1) return false;
    this.flags[slot] = 0;
    this.removed = true;
    return true;
  }

  /** The slots, which are clean from now on. */
  take(): readonly number[] {
    const taken = this.removed ? this.remaining() : this.list;
    this.removed = false;
    for (const slot of taken) this.flags[slot] = 0;
    this.list = [];
    return taken;
  }

  /** Without those that were removed; one that was put on again after that stands twice. */
  private remaining(): number[] {
    return [...new Set(this.list)].filter((slot) => this.flags[slot] === 1);
  }

  private grow(slot: number): void {
    const grown = new Uint8Array(Math.max(this.flags.length * 2, slot + 1));
    grown.set(this.flags);
    this.flags = grown;
  }
}
