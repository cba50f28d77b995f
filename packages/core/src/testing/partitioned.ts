import type { Source, SourceBlock } from '../engine/source.ts';

/** How the partitions are read. */
export interface Reading {
  /** Records a block. */
  readonly block: number;
  /** Which of the partitions that have not ended gives the next block, over and over. */
  readonly turns: readonly number[];
}

/** A source of several partitions that are read in given turns: results must not depend on `reading`. */
export function partitioned<T>(
  partitions: readonly (readonly T[])[],
  { block, turns }: Reading = { block: 1000, turns: [0] },
): Source<T> {
  return {
    kind: 'partitioned',
    name: 'partitions',
    bounded: true,
    open() {
      const at = partitions.map(() => 0);
      let [turn, first] = [0, 0];
      const next = (): SourceBlock | null => {
        // A partition that is empty from the start still has to say that it ended.
        const open = partitions.flatMap((own, index) => ((at[index] as number) <= own.length ? [index] : []));
        if (open.length === 0) return null;
        const partition = open[(turns[turn++ % turns.length] ?? 0) % open.length] as number;
        const own = partitions[partition] as readonly T[];
        const from = at[partition] as number;
        const items = own.slice(from, from + block);
        const ended = from + block >= own.length;
        at[partition] = ended ? Infinity : from + block;
        first += items.length;
        return { payload: { items }, first: first - items.length, partition, ended };
      };
      return {
        partitions: partitions.length,
        read: () => Promise.resolve(next()),
        close: () => Promise.resolve(),
      };
    },
    decode: (payload) => ({
      items: 'items' in payload ? (payload.items as readonly T[]) : [],
      positions: null,
      rejected: [],
    }),
  };
}
