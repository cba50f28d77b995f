import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { forestKernel, walkForest, type WalkTree } from './forest.ts';
import { forestWasm } from './forest.wasm.ts';
import { Kernel, type KernelInstance } from './kernel.ts';

const open = () => forestKernel.open() ?? assert.fail('this runtime should run the kernel');

test('a committed kernel names the source it was compiled from', () => {
  const source = readFileSync(new URL('assembly/forest.ts', import.meta.url));
  assert.equal(forestWasm.source, createHash('sha256').update(source).digest('hex'));
  assert.match(forestWasm.compiler, /^assemblyscript \d/);
});

test('allocated memory is zeroed, aligned, grows over pages, and is zeroed again after a release', () => {
  const instance = open();
  const small = instance.allocate(3);
  assert.ok(small > 0 && small % 16 === 0);
  const mark = instance.mark();
  const large = instance.allocate(200_000);
  assert.ok(large % 16 === 0 && large >= small + 3);
  assert.ok(instance.u8(large, 200_000).every((byte) => byte === 0));
  instance.f64(large, 10).fill(7);
  instance.release(mark);
  assert.equal(instance.allocate(80), large);
  assert.deepEqual(
    [...instance.f64(large, 10)],
    Array.from({ length: 10 }, () => 0),
  );
});

test('a module that the runtime refuses opens as nothing', () => {
  const broken = new Kernel({ name: 'broken', source: '', compiler: '', wasm: 'AGFzbQ==' });
  assert.equal(broken.open(), undefined);
  assert.equal(broken.open(), undefined);
});

test('the forest kernel and its twin add the same sums', () => {
  const tree: WalkTree = {
    depth: 2,
    feature: Int32Array.of(1, 0, 0, 0, 0),
    threshold: Float32Array.of(0.5, Infinity, -1.5, Infinity, Infinity),
    left: Int32Array.of(1, 1, 3, 3, 4),
    value: Float64Array.of(0, 1, 0, 2, 4),
  };
  const rows = Float32Array.of(0, 0.5, -1.5, 0.75, 9, Infinity, -9, -9, -1.25, 1);
  const expected = new Float64Array(5).fill(0.25);
  walkForest(tree, rows, 2, expected);
  assert.deepEqual([...expected], [1.25, 2.25, 4.25, 1.25, 4.25]);
  assert.deepEqual(walkInWasm(open(), tree, rows, 2), expected);
});

type Forest = typeof forestKernel extends Kernel<infer E> ? KernelInstance<E> : never;

function walkInWasm(instance: Forest, tree: WalkTree, rows: Float32Array, columns: number): Float64Array {
  const count = rows.length / columns;
  const size = tree.left.length;
  const [nodes, values] = [instance.allocate(size * 16), instance.allocate(size * 8)];
  const [x, sums] = [instance.allocate(rows.length * 4), instance.allocate(count * 8)];
  for (let i = 0; i < size; i++) {
    instance.f32(nodes + i * 16, 1)[0] = tree.threshold[i] as number;
    instance.i32(nodes + i * 16 + 4, 1)[0] = 4 * (tree.feature[i] as number);
    instance.i32(nodes + i * 16 + 8, 1)[0] = tree.left[i] as number;
  }
  instance.f64(values, size).set(tree.value);
  instance.f32(x, rows.length).set(rows);
  instance.f64(sums, count).fill(0.25);
  instance.call.walk(nodes, values, tree.depth, x, columns * 4, count, sums);
  return instance.f64(sums, count);
}
