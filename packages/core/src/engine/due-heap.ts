/**
 * Slots by when they are due, earliest first. A slot that is due later than it was said to be is taken too early: who takes
 * it looks again, and says anew when it is due.
 */
export class DueHeap {
  private readonly dues: number[] = [];
  private readonly slots: number[] = [];
  /** The earliest due of each slot that stands in the heap. */
  private readonly earliest: number[] = [];

  push(due: number, slot: number): void {
    if (due >= (this.earliest[slot] ?? Infinity)) return;
    while (this.earliest.length < slot) this.earliest.push(Infinity);
    this.earliest[slot] = due;
    let at = this.dues.length;
    this.dues.push(due);
    this.slots.push(slot);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.dues[parent] as number) <= due) break;
      this.swap(at, parent);
      at = parent;
    }
  }

  /** Takes every slot that is due at `time`, some perhaps more than once. */
  take(time: number): number[] {
    const taken: number[] = [];
    while (this.dues.length > 0 && (this.dues[0] as number) <= time) taken.push(this.pop());
    return taken;
  }

  private pop(): number {
    const slot = this.slots[0] as number;
    if (this.dues[0] === this.earliest[slot]) this.earliest[slot] = Infinity;
    const [due, last] = [this.dues.pop() as number, this.slots.pop() as number];
    if (this.dues.length === 0) return slot;
    this.dues[0] = due;
    this.slots[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < this.dues.length && (this.dues[left] as number) < (this.dues[least] as number)) least = left;
      if (right < this.dues.length && (this.dues[right] as number) < (this.dues[least] as number))
        least = right;
      if (least === at) return slot;
      this.swap(at, least);
      at = least;
    }
  }

  private swap(a: number, b: number): void {
    [this.dues[a], this.dues[b]] = [this.dues[b] as number, this.dues[a] as number];
    [this.slots[a], this.slots[b]] = [this.slots[b] as number, this.slots[a] as number];
  }
}
