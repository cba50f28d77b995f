/**
 * Records between workers. What leaves is split by the hash of the key; what arrives from several workers is merged back
 * into source order by rank. So the result of a step never depends on the number of workers.
 */
import { Batch, EMPTY, type Key } from './batch.ts';
import { hashKey } from '../base/hash.ts';

/** The worker that owns a key, of `workers`. */
export function ownerOf(key: Key, workers: number): number {
  // Without the shift the engine would divide floating-point numbers.
  return hashKey(key) % (workers >>> 0);
}

/** One batch for each worker, holding the records whose keys it owns. */
export function splitByKey(batch: Batch, workers: number): Batch[] {
  const keys = batch.keys ?? [];
  const all = ownerOfAll(keys, workers);
  if (all !== undefined)
    return Array.from({ length: workers }, (_, worker) => (worker === all ? batch : EMPTY));
  const positions = Array.from({ length: workers }, () => new Int32Array(batch.length));
  const counts = new Int32Array(workers);
  let [last, owner]: [Key | undefined, number] = [undefined, 0];
  for (let i = 0; i < batch.length; i++) {
    const key = keys[i] as Key;
    if (key !== last) {
      last = key;
      owner = ownerOf(key, workers);
    }
    const at = counts[owner] as number;
    (positions[owner] as Int32Array)[at] = i;
    counts[owner] = at + 1;
  }
  return positions.map((own, worker) => batch.select(own, counts[worker] as number));
}

/** The worker that owns all of some keys; so it is where a block was put apart by them. */
function ownerOfAll(keys: readonly Key[], workers: number): number | undefined {
  let last = keys[0];
  const owner = last === undefined ? 0 : ownerOf(last, workers);
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as Key;
    if (key === last) continue;
    if (ownerOf(key, workers) !== owner) return undefined;
    last = key;
  }
  return owner;
}

/** Batches of one block, each in rank order, as one in rank order; equal ranks keep the order of the batches. */
export function mergeByRank(batches: readonly Batch[]): Batch {
  const full = batches.filter((batch) => batch.length > 0);
  if (full.length === 0) return EMPTY;
  if (full.length === 1) return full[0] as Batch;
  const levels = Math.max(...full.map((batch) => batch.ranks?.length ?? 1));
  const ranks = full.map((batch) => batch.explicitRanks(levels));
  const all = concatenate(full, ranks);
  const starts = full.map((_, index) => full.slice(0, index).reduce((sum, batch) => sum + batch.length, 0));
  const heads = new Int32Array(full.length);
  const order = new Int32Array(all.length);
  for (let to = 0; to < order.length; to++) {
    const from = lowest(full, ranks, heads);
    order[to] = (starts[from] as number) + (heads[from] as number);
    heads[from] = (heads[from] as number) + 1;
  }
  return all.pick(order, order.length);
}

/** Batches one behind the other. A column stays when all of them have it. */
function concatenate(batches: readonly Batch[], ranks: readonly Int32Array[][]): Batch {
  const column = <T>(of: (batch: Batch) => T | null): T[] | null => {
    const all = batches.map(of);
    return all.includes(null) ? null : (all as T[]);
  };
  const keys = column((batch) => batch.keys);
  const labelled = batches.some((batch) => batch.labels !== null);
  const slots = column((batch) => batch.slots);
  const times = column((batch) => batch.times);
  const marks = column((batch) => batch.marks);
  return new Batch(
    batches.flatMap((batch) => batch.items),
    {
      ranks: (ranks[0] ?? []).map((_, level) => joinInts(ranks.map((own) => own[level] as Int32Array))),
      labels: labelled
        ? batches.flatMap((batch) => batch.labels ?? new Array<string>(batch.length).fill(''))
        : null,
      keys: keys?.flat() ?? null,
      slots: slots && joinInts(slots),
      times: times && joinDoubles(times),
      marks: marks && joinDoubles(marks),
    },
  );
}

function joinInts(parts: readonly Int32Array[]): Int32Array {
  return fill(new Int32Array(parts.reduce((sum, part) => sum + part.length, 0)), parts);
}

function joinDoubles(parts: readonly Float64Array[]): Float64Array {
  return fill(new Float64Array(parts.reduce((sum, part) => sum + part.length, 0)), parts);
}

function fill<A extends Int32Array | Float64Array>(into: A, parts: readonly A[]): A {
  let at = 0;
  for (const part of parts) {
    into.set(part, at);
    at += part.length;
  }
  return into;
}

/** Index of the batch whose next record has the lowest rank. */
function lowest(batches: readonly Batch[], ranks: readonly Int32Array[][], heads: Int32Array): number {
  let best = -1;
  for (let i = 0; i < batches.length; i++) {
    if ((heads[i] as number) >= (batches[i] as Batch).length) continue;
    if (best < 0 || isBefore(i, best)) best = i;
  }
  return best;

  function isBefore(a: number, b: number): boolean {
    const [i, j] = [heads[a] as number, heads[b] as number];
    const [own, other] = [ranks[a] as Int32Array[], ranks[b] as Int32Array[]];
    for (let level = 0; level < own.length; level++) {
      const difference = (own[level]?.[i] as number) - (other[level]?.[j] as number);
      if (difference !== 0) return difference < 0;
      if (level > 0) continue;
      const [label = '', otherLabel = ''] = [batches[a]?.labels?.[i], batches[b]?.labels?.[j]];
      if (label !== otherLabel) return label < otherLabel;
    }
    return false;
  }
}
