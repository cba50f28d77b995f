/** A run of sequences, both ends included. */
export type Run = readonly [first: number, last: number];

/** A set of whole numbers as sorted, disjoint, never touching runs: memory follows the number of holes, not of members. */
export class RangeSet {
  private firsts: number[] = [];
  private lasts: number[] = [];
  private members = 0;

  constructor(runs: Iterable<Run> = []) {
    for (const [first, last] of runs) this.add(first, last);
  }

  /** Number of runs. */
  get runs(): number {
    return this.firsts.length;
  }

  /** Number of members. */
  get size(): number {
    return this.members;
  }

  get first(): number | undefined {
    return this.firsts[0];
  }

  get last(): number | undefined {
    return this.lasts.at(-1);
  }

  has(value: number): boolean {
    const i = this.firstEndingAtOrAfter(value);
    return i < this.firsts.length && (this.firsts[i] as number) <= value;
  }

  /** @returns how many members are new */
  add(first: number, last = first): number {
    const from = this.firstEndingAtOrAfter(first - 1);
    let [low, high] = [first, last];
    let to = from;
    let known = 0;
    for (; to < this.firsts.length && (this.firsts[to] as number) <= last + 1; to++) {
      low = Math.min(low, this.firsts[to] as number);
      high = Math.max(high, this.lasts[to] as number);
      known += (this.lasts[to] as number) - (this.firsts[to] as number) + 1;
    }
    this.firsts.splice(from, to - from, low);
    this.lasts.splice(from, to - from, high);
    const fresh = high - low + 1 - known;
    this.members += fresh;
    return fresh;
  }

  /** @returns how many members were taken away */
  remove(first: number, last = first): number {
    const taken = this.countIn(first, last);
    if (taken === 0) return 0;
    const from = this.firstEndingAtOrAfter(first);
    let to = from;
    while (to < this.firsts.length && (this.firsts[to] as number) <= last) to++;
    const [low, high] = [this.firsts[from] as number, this.lasts[to - 1] as number];
    const kept: Run[] = [];
    if (low < first) kept.push([low, first - 1]);
    if (high > last) kept.push([last + 1, high]);
    this.firsts.splice(from, to - from, ...kept.map((run) => run[0]));
    this.lasts.splice(from, to - from, ...kept.map((run) => run[1]));
    this.members -= taken;
    return taken;
  }

  /** Forgets every member below `value`. */
  removeBelow(value: number): void {
    if (this.firsts.length > 0) this.remove(this.firsts[0] as number, value - 1);
  }

  /** Members within a run. */
  countIn(first: number, last: number): number {
    let count = 0;
    for (let i = this.firstEndingAtOrAfter(first); i < this.firsts.length; i++) {
      const from = this.firsts[i] as number;
      if (from > last) break;
      count += Math.min(last, this.lasts[i] as number) - Math.max(first, from) + 1;
    }
    return count;
  }

  clear(): void {
    this.firsts = [];
    this.lasts = [];
    this.members = 0;
  }

  toRuns(): Run[] {
    return this.firsts.map((first, i) => [first, this.lasts[i] as number]);
  }

  private firstEndingAtOrAfter(value: number): number {
    let [low, high] = [0, this.lasts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.lasts[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Sorted, distinct numbers as runs. */
export function runsOf(sorted: Iterable<number>): Run[] {
  const runs: [number, number][] = [];
  for (const value of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && value === last[1] + 1) last[1] = value;
    else runs.push([value, value]);
  }
  return runs;
}
