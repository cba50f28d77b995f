import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './world.ts';

test('what is missing or doubled is counted', () => {
  assert.deepEqual(compare(['a', 'b', 'b', 'c'], ['b', 'a', 'b', 'c']), { missing: 0, duplicated: 0 });
  assert.deepEqual(compare(['a', 'b', 'b', 'c'], ['b', 'a', 'a', 'x']), { missing: 2, duplicated: 2 });
});
