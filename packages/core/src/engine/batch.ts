/** What a record may be keyed by. */
export type Key = string | number;

/** First rank of what comes behind every record of a block: results of windows that ended with it. */
export const AFTER = 0x7fffffff;

/** What the engine knows of each record beside the record itself; null where it is not known. */
export interface Columns {
  /**
   * Where each record stands in its source block: column 0 the record's index in the block, one more column for each step
   * that can make several records of one. Compared column by column; what was split over workers is merged back by it.
   * Null means 0, 1, 2, …
   */
  readonly ranks: readonly Int32Array[] | null;
  /** Orders records of the same first rank before the other ranks do: the key whose window they came from. */
  readonly labels: readonly string[] | null;
  readonly keys: readonly Key[] | null;
  /** The key's place in the key table of the worker that owns it. */
  readonly slots: Int32Array | null;
  /** Event time in epoch milliseconds. */
  readonly times: Float64Array | null;
  /** What the block's own records, up to and with this one, let the watermark be, in epoch milliseconds. */
  readonly marks: Float64Array | null;
}

const NONE: Columns = { ranks: null, labels: null, keys: null, slots: null, times: null, marks: null };

/** Records on one edge of the graph, all of the same source block, in source order. */
export class Batch implements Columns {
  readonly items: readonly unknown[];
  readonly ranks: readonly Int32Array[] | null;
  readonly labels: readonly string[] | null;
  readonly keys: readonly Key[] | null;
  readonly slots: Int32Array | null;
  readonly times: Float64Array | null;
  readonly marks: Float64Array | null;

  constructor(items: readonly unknown[], columns: Partial<Columns> = NONE) {
    this.items = items;
    this.ranks = columns.ranks ?? null;
    this.labels = columns.labels ?? null;
    this.keys = columns.keys ?? null;
    this.slots = columns.slots ?? null;
    this.times = columns.times ?? null;
    this.marks = columns.marks ?? null;
  }

  get length(): number {
    return this.items.length;
  }

  /** The same records with one new item for each old one. */
  withItems(items: readonly unknown[]): Batch {
    return new Batch(items, this);
  }

  /** The same records with other columns. */
  with(columns: Partial<Columns>): Batch {
    const { ranks, labels, keys, slots, times, marks } = this;
    return new Batch(this.items, { ranks, labels, keys, slots, times, marks, ...columns });
  }

  /** The records at the first `count` of `positions`, which rise. */
  select(positions: Int32Array, count: number): Batch {
    return count === this.length ? this : this.pick(positions, count);
  }

  /** The records at the first `count` of `positions`, in that order, any of them any number of times. */
  pick(positions: Int32Array, count: number, items?: readonly unknown[]): Batch {
    const { labels, keys, slots, times, marks, ranks } = this;
    return new Batch(items ?? pick(this.items, positions, count), {
      ranks:
        ranks === null
          ? [positions.slice(0, count)]
          : ranks.map((column) => pickNumbers(column, positions, new Int32Array(count))),
      labels: labels && pick(labels, positions, count),
      keys: keys && pick(keys, positions, count),
      slots: slots && pickNumbers(slots, positions, new Int32Array(count)),
      times: times && pickNumbers(times, positions, new Float64Array(count)),
      marks: marks && pickNumbers(marks, positions, new Float64Array(count)),
    });
  }

  /** Rank columns written out, also where they are 0, 1, 2, …; at least `levels` of them. */
  explicitRanks(levels = 1): Int32Array[] {
    const ranks = [...(this.ranks ?? [Int32Array.from({ length: this.length }, (_, i) => i)])];
    while (ranks.length < levels) ranks.push(new Int32Array(this.length));
    return ranks;
  }
}

export const EMPTY = new Batch([]);

function pick<T>(from: readonly T[], positions: Int32Array, count: number): T[] {
  const picked = new Array<T>(count);
  for (let i = 0; i < count; i++) picked[i] = from[positions[i] as number] as T;
  return picked;
}

function pickNumbers<A extends Int32Array | Float64Array>(from: A, positions: Int32Array, into: A): A {
  for (let i = 0; i < into.length; i++) into[i] = from[positions[i] as number] as number;
  return into;
}
