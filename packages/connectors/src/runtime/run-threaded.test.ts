import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runLocal, type RunResult } from '@linnet/core';
import { loadFlow } from './load-flow.ts';
import { runThreaded } from './run-threaded.ts';

const path = join(import.meta.dirname, 'fixtures/every-operator.ts');
const home = import.meta.url;

async function run(workers: number, limit = Infinity): Promise<{ text: string; result: RunResult }> {
  const graph = await loadFlow(path, home);
  let text = '';
  const print = (more: string) => {
    text += more;
    return Promise.resolve();
  };
  const options = { limit, format: 'json' as const, print };
  const result =
    workers === 0
      ? await runLocal(graph, options)
      : await runThreaded(graph, { ...options, workers, path, home });
  return { text, result };
}

for (const workers of [1, 2, 3, 5]) {
  test(`${workers} workers give to the byte what one thread gives`, async () => {
    const [local, threaded] = [await run(0), await run(workers)];
    assert.ok(local.text.split('\n').length > 400);
    assert.equal(threaded.text, local.text);
    assert.deepEqual(threaded.result, local.result);
  });
}

test('a limit cuts the input in the same place whatever the number of workers', async () => {
  const [local, threaded] = [await run(0, 100), await run(2, 100)];
  assert.equal(local.result.records, 100);
  assert.equal(threaded.text, local.text);
});

test('a function that throws on a worker ends the run and is named', async () => {
  process.env['FAIL_AT'] = '200';
  try {
    await assert.rejects(run(2), {
      code: 'flow.step-failed',
      message: /step "decode" failed at record 201 of .*told to fail/,
    });
  } finally {
    delete process.env['FAIL_AT'];
  }
});
