import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { skip } from '../kafka/here.ts';
import { compare } from './world.ts';

test('what is missing or doubled is counted', () => {
  assert.deepEqual(compare(['a', 'b', 'b', 'c'], ['b', 'a', 'b', 'c']), { missing: 0, duplicated: 0 });
  assert.deepEqual(compare(['a', 'b', 'b', 'c'], ['b', 'a', 'a', 'x']), { missing: 2, duplicated: 2 });
});

/** The command; it says itself what it found. `npm run chaos` kills more often. */
test('the short chaos run loses nothing and doubles nothing', { skip }, async (t) => {
  const args = ['--conditions=source', join(import.meta.dirname, 'main.ts'), '--short'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], signal: t.signal });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  const [code] = (await once(child, 'close')) as [number | null];
  const said = Buffer.concat(parts).toString();
  assert.equal(code, 0, said);
  assert.equal(said.match(/ s\n/g)?.length, 9, said);
  assert.match(said, /\ninputs \d+, outputs expected \d+, missing 0, duplicated 0\n$/);
});
