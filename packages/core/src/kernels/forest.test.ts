import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KernelWalk, TwinWalk, forestWalk, type WalkTree } from './forest.ts';

const tree: WalkTree = {
  depth: 2,
  feature: Int32Array.of(1, 0, 0, 0, 0),
  threshold: Float32Array.of(0.5, Infinity, -1.5, Infinity, Infinity),
  left: Int32Array.of(1, 1, 3, 3, 4),
  value: Float64Array.of(0, 1, 0, 2, 4),
};

test('a value on the threshold goes left, and short paths wait in their leaf', () => {
  const x = Float32Array.of(0, 0.5, -1.5, 0.75, 9, -Infinity, -9, -9, -1.25, 1);
  const sums = new Float64Array(5);
  new TwinWalk([tree, tree], 2).run(x, sums);
  assert.deepEqual([...sums], [2, 4, 2, 2, 8]);
});

/** A tree of any shape over three columns, from a list of choices. */
function treeOf(cuts: readonly (readonly [column: number, threshold: number, at: number])[]): WalkTree {
  const nodes = [{ feature: 0, threshold: Infinity, left: 0, depth: 0 }];
  for (const [feature, threshold, pick] of cuts) {
    const leaves = nodes.flatMap(({ left }, i) => (left === i ? [i] : []));
    const leaf = leaves[pick % leaves.length] as number;
    const depth = (nodes[leaf]?.depth ?? 0) + 1;
    nodes[leaf] = { feature, threshold, left: nodes.length, depth: depth - 1 };
    for (let side = 0; side < 2; side++)
      nodes.push({ feature: 0, threshold: Infinity, left: nodes.length, depth });
  }
  return {
    depth: Math.max(...nodes.map((node) => node.depth)),
    feature: Int32Array.from(nodes, (node) => node.feature),
    threshold: Float32Array.from(nodes, (node) => node.threshold),
    left: Int32Array.from(nodes, (node) => node.left),
    value: Float64Array.from(nodes, (_, i) => i + 0.1),
  };
}

test('the kernel and its twin give the same sums to the bit', () => {
  assert.ok(forestWalk([tree], 2) instanceof KernelWalk, 'this runtime should run the kernel');
  const value = fc.float({ noNaN: true });
  const cut = fc.tuple(fc.nat(2), value, fc.nat());
  const forest = fc.array(fc.array(cut, { maxLength: 30 }), { minLength: 1, maxLength: 5 });
  const rows = fc.array(fc.tuple(value, value, value), { maxLength: 600 });
  fc.assert(
    fc.property(forest, rows, (cuts, table) => {
      const trees = cuts.map(treeOf);
      const x = Float32Array.from(table.flat());
      const [expected, sums] = [new Float64Array(table.length), new Float64Array(table.length)];
      new TwinWalk(trees, 3).run(x, expected);
      forestWalk(trees, 3).run(x, sums);
      assert.deepEqual(sums, expected);
    }),
    { numRuns: 60 },
  );
});
