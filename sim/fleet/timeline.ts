/** Virtual time in whole milliseconds: work that is due later, earliest first, in the order of its asking where due at once. */
interface Due {
  readonly at: number;
  readonly nth: number;
  readonly work: () => void;
}

export class Timeline {
  now = 0;
  private readonly heap: Due[] = [];
  private asked = 0;

  after(ms: number, work: () => void): void {
    const due = { at: this.now + Math.max(0, Math.ceil(ms)), nth: this.asked++, work };
    const { heap } = this;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(due, heap[parent] as Due)) break;
      heap[at] = heap[parent] as Due;
      at = parent;
    }
    heap[at] = due;
  }

  /** Does what is due, until a time, or until `done`. */
  run(until: number, done: () => boolean = () => false): void {
    for (let next = this.heap[0]; next !== undefined && next.at <= until && !done(); next = this.heap[0]) {
      this.take();
      this.now = next.at;
      next.work();
    }
    if (!done()) this.now = Math.max(this.now, until);
  }

  private take(): void {
    const { heap } = this;
    const last = heap.pop() as Due;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++;
      if (!isBefore(heap[child] as Due, last)) break;
      heap[at] = heap[child] as Due;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.nth < b.nth);
}
