import { LinnetError } from '../../base/error.ts';
import { SnapshotReader, SnapshotWriter } from '../../base/snapshot.ts';
import type { ForestParams, GrownForest } from './grow.ts';
import { LEAF, emptyTree, type IsolationTree } from './tree.ts';

const NAME = 'isolation-forest';
const VERSION = 1;

/** All that `save` keeps. */
export interface SavedForest {
  readonly params: ForestParams;
  readonly grown: GrownForest;
  readonly offset: number;
}

export function writeForest({ params, grown, offset }: SavedForest): Uint8Array<ArrayBuffer> {
  const { maxSamples, contamination, maxFeatures, bootstrap, seed } = params;
  const writer = new SnapshotWriter(NAME, VERSION)
    .u32(maxSamples === 'auto' ? 0 : maxSamples)
    .f64(contamination === 'auto' ? NaN : contamination)
    .u32(maxFeatures === 'all' ? 0 : maxFeatures)
    .u8(Number(bootstrap))
    .u32(seed)
    .f64(offset)
    .u32(grown.columns)
    .u32(grown.samples)
    .u32(grown.trees.length);
  for (const tree of grown.trees) writeTree(writer, tree);
  return writer.finish();
}

/** @throws LinnetError `snapshot.invalid` for bytes that `writeForest` did not write */
export function readForest(bytes: Uint8Array): SavedForest {
  const reader = new SnapshotReader(bytes, NAME, VERSION);
  const maxSamples = reader.u32() || 'auto';
  const contamination = reader.f64();
  const maxFeatures = reader.u32() || 'all';
  const [bootstrap, seed, offset] = [reader.u8() === 1, reader.u32(), reader.f64()];
  const [columns, samples, count] = [reader.u32(), reader.u32(), reader.u32()];
  const trees: IsolationTree[] = [];
  while (trees.length < count) trees.push(readTree(reader, columns));
  reader.finish();
  const params: ForestParams = {
    trees: count,
    maxSamples,
    contamination: Number.isNaN(contamination) ? 'auto' : contamination,
    maxFeatures,
    bootstrap,
    seed,
  };
  return { params, grown: { trees, columns, samples }, offset };
}

/** Nodes in pre-order say by themselves how they hang together: what follows a cut is its left side. */
function writeTree(writer: SnapshotWriter, tree: IsolationTree): void {
  const { feature, threshold, size, missingLeft } = tree;
  writer.u32(feature.length);
  for (let node = 0; node < feature.length; node++) {
    const column = feature[node] as number;
    writer.u32(size[node] as number).u32(column === LEAF ? 0 : column + 1);
    if (column !== LEAF) writer.f64(threshold[node] as number).u8(missingLeft[node] as number);
  }
}

function readTree(reader: SnapshotReader, columns: number): IsolationTree {
  const tree = emptyTree(reader.u32());
  const open: number[] = [];
  let below = -1;
  for (let node = 0; node < tree.feature.length; node++) {
    if (below >= 0) {
      tree.left[below] = node;
    } else if (node > 0) {
      const parent = open.pop();
      if (parent === undefined) throw broken();
      tree.right[parent] = node;
    }
    tree.size[node] = reader.u32();
    const column = reader.u32() - 1;
    if (column >= columns) throw broken();
    below = column < 0 ? -1 : node;
    if (column < 0) continue;
    open.push(node);
    tree.feature[node] = column;
    tree.threshold[node] = reader.f64();
    tree.missingLeft[node] = reader.u8();
  }
  if (open.length > 0 || below >= 0) throw broken();
  return tree;
}

function broken(): LinnetError {
  return new LinnetError('snapshot.invalid', `cannot restore ${NAME}: the nodes do not make a tree`);
}
