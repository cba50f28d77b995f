import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seal, unseal } from './seal.ts';

const doubles = new Uint8Array(Float64Array.of(1, 2.5).buffer);

test('a sealed blob opens for its own row alone; SQLite’s 0 is the -0 that was written', () => {
  const sealed = seal([7, -0], doubles);
  assert.deepEqual(unseal([7, 0], sealed), doubles);
  assert.equal(unseal([8, 0], sealed), undefined);
  for (let at = 0; at < sealed.length; at++) {
    const damaged = sealed.slice();
    damaged[at] = (damaged[at] as number) ^ 4;
    assert.equal(unseal([7, 0], damaged), undefined);
  }
  assert.equal(unseal([7, 0], sealed.subarray(0, -2)), undefined);
});

test('a blob from before there were seals is taken as it is', () => {
  assert.equal(unseal([7, 0], doubles), doubles);
});
