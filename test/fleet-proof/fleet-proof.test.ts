import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const MAIN = join(import.meta.dirname, 'main.ts');

async function proof(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--conditions=source', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

test('the short form: every case loses nothing and doubles nothing', async () => {
  const { code, stdout, stderr } = await proof('--short');
  assert.equal(code, 0, stdout + stderr);
  const lines = stdout.trimEnd().split('\n');
  assert.match(
    lines.at(-1) ?? '',
    /^fleet-proof: \d+ cases, 0 failed, \d+ skipped; .* lost 0, duplicated 0; \d+ s$/,
  );
  for (const line of lines.slice(0, -1)) assert.match(line, /lost 0, duplicated 0$|: skipped: /);
});

for (const planted of ['lost', 'duplicated']) {
  test(`a reading that is ${planted} makes the proof fail`, async () => {
    const { code, stdout, stderr } = await proof('--short', '--plant', planted, 'agents');
    assert.equal(code, 1, stdout + stderr);
    assert.match(stdout, planted === 'lost' ? /lost 1, duplicated 0$/m : /lost 0, duplicated 1$/m);
  });
}

test('wrong arguments are told with what would do', async () => {
  for (const [args, pattern] of [
    [['--plant', 'trees'], /lost, duplicated/],
    [['--seed', 'x'], /whole number/],
    [['nonsense'], /no case's name holds "nonsense":\n {2}agents/],
    [['--long'], /--long/],
  ] as const) {
    const { code, stderr } = await proof(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, pattern);
  }
});
