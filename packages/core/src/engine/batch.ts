/** What a record may be keyed by. */
export type Key = string | number;

/**
 * Records on one edge of the graph, all of the same source block, in source order. Columns beside the items hold what the
 * engine knows of each record; a column that is not known is null.
 */
export class Batch {
  readonly items: readonly unknown[];
  /**
   * Where each record stands in its source block: column 0 the record's index in the block, one more column for each step
   * that can make several records of one. Compared column by column; what was split over workers is merged back by it.
   * Null means 0, 1, 2, …
   */
  readonly ranks: readonly Int32Array[] | null;
  readonly keys: readonly Key[] | null;
  /** The key's place in the key table of the worker that owns it. */
  readonly slots: Int32Array | null;

  constructor(
    items: readonly unknown[],
    ranks: readonly Int32Array[] | null = null,
    keys: readonly Key[] | null = null,
    slots: Int32Array | null = null,
  ) {
    this.items = items;
    this.ranks = ranks;
    this.keys = keys;
    this.slots = slots;
  }

  get length(): number {
    return this.items.length;
  }

  /** The same records with one new item for each old one. */
  withItems(items: readonly unknown[]): Batch {
    return new Batch(items, this.ranks, this.keys, this.slots);
  }

  withKeys(keys: readonly Key[] | null, slots: Int32Array | null): Batch {
    return new Batch(this.items, this.ranks, keys, slots);
  }

  /** The records at the first `count` of `positions`, which rise. */
  select(positions: Int32Array, count: number): Batch {
    if (count === this.length) return this;
    const { keys, slots } = this;
    return new Batch(
      pick(this.items, positions, count),
      this.ranks === null
        ? [positions.slice(0, count)]
        : this.ranks.map((column) => pickInts(column, positions, count)),
      keys === null ? null : pick(keys, positions, count),
      slots === null ? null : pickInts(slots, positions, count),
    );
  }

  /** Rank columns written out, also where they are 0, 1, 2, …; at least `levels` of them. */
  explicitRanks(levels = 1): Int32Array[] {
    const ranks = [...(this.ranks ?? [Int32Array.from({ length: this.length }, (_, i) => i)])];
    while (ranks.length < levels) ranks.push(new Int32Array(this.length));
    return ranks;
  }
}

export const EMPTY = new Batch([]);

export function pick<T>(from: readonly T[], positions: Int32Array, count: number): T[] {
  const picked = new Array<T>(count);
  for (let i = 0; i < count; i++) picked[i] = from[positions[i] as number] as T;
  return picked;
}

export function pickInts(from: Int32Array, positions: Int32Array, count: number): Int32Array {
  const picked = new Int32Array(count);
  for (let i = 0; i < count; i++) picked[i] = from[positions[i] as number] as number;
  return picked;
}
