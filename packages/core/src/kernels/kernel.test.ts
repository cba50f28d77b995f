import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { forestWasm } from './forest.wasm.ts';
import { Kernel } from './kernel.ts';

const open = () => new Kernel<object>(forestWasm).open() ?? assert.fail('this runtime should run the kernel');

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
