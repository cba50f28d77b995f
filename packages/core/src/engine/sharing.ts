/**
 * Sharing a block among workers by the key of its entries: each decodes only what it owns, and hardly a record changes worker. The
 * column that holds the key is found by looking; where it is the wrong one records change worker as ever, so no result depends on it.
 */
import type { Batch } from './batch.ts';
import type { MarkSteps, ShareColumn } from './block.ts';

/** Records that are looked at. */
const SAMPLE = 256;

/**
 * The column of a source's records that is the key of what became of them.
 * @param decoded records of a block
 * @param keyed the same, or some of them, with their keys
 */
export function shareColumn(decoded: Batch, keyed: Batch): ShareColumn | undefined {
  const { keys } = keyed;
  if (keys === null || keys.length === 0) return undefined;
  let names: string[] | undefined;
  for (let i = 0; i < Math.min(SAMPLE, keys.length); i++) {
    const item = decoded.items[firstFrom(decoded, keyed.ranks?.[0]?.[i] ?? i)];
    if (typeof item !== 'object' || item === null) return undefined;
    names = (names ?? Object.keys(item)).filter(
      (name) => (item as Record<string, unknown>)[name] === keys[i],
    );
  }
  const column = names?.[0];
  return column === undefined ? undefined : { column, numeric: typeof keys[0] === 'number' };
}

/** The place of the first record with that rank or a higher one. */
function firstFrom({ ranks, length }: Batch, rank: number): number {
  const column = ranks?.[0];
  if (column === undefined) return rank;
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] as number) < rank) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * What the records of a block let the watermark be up to each of these, where they are one worker's share: the others' records before it
 * count as well.
 * @param others what the other workers saw
 */
export function sharedMarks(batch: Batch, others: readonly MarkSteps[]): Batch {
  if (batch.marks === null || others.length === 0) return batch;
  const marks = batch.marks.slice();
  for (const steps of others) {
    const starts = Array.from(steps.ranks, (rank) => firstFrom(batch, rank));
    starts.forEach((start, step) => {
      const mark = steps.marks[step] as number;
      const end = starts[step + 1] ?? marks.length;
      // Marks rise: behind the first that is as far all are.
      for (let i = start; i < end && (marks[i] as number) < mark; i++) marks[i] = mark;
    });
  }
  return batch.with({ marks });
}
