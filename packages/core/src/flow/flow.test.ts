import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runLocal } from '../engine/run.ts';
import { flow } from './flow.ts';
import { print } from './print.ts';
import { records } from './records.ts';

async function output(built: { graph: Parameters<typeof runLocal>[0] }): Promise<unknown[]> {
  let text = '';
  await runLocal(built.graph, {
    format: 'json',
    print: (more) => {
      text += more;
      return Promise.resolve();
    },
  });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

test('map, filter and flatMap give what the arrays of the language give, whatever the block size', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 9 })),
      fc.integer({ min: 1, max: 7 }),
      async (input, block) => {
        const built = flow('f')
          .source('in', records(input, { block }))
          .map('double', (n) => n * 2)
          .filter('big', (n) => n > 5)
          .flatMap('repeat', (n) => numbers(n % 4))
          .sink('out', print());
        const expected = input
          .map((n) => n * 2)
          .filter((n) => n > 5)
          .flatMap((n) => numbers(n % 4));
        assert.deepEqual(await output(built), expected);
      },
    ),
  );
});

test('a state is kept a key, in the order of the source', async () => {
  const built = flow('f')
    .source('in', records(numbers(10), { block: 3 }))
    .keyBy('parity', (n) => n % 2)
    .stateful('sum', { initial: () => ({ sum: 0 }), step: (state, n) => (state.sum += n) })
    .sink('out', print());
  assert.deepEqual(await output(built), [0, 1, 2, 4, 6, 9, 12, 16, 20, 25]);
});

test('branches merged again come in the order of the source, whatever the block size', async () => {
  for (const block of [1, 2, 3, 100]) {
    const f = flow('f');
    const { matched, rest } = f
      .source('in', records(numbers(9), { block }))
      .branch('split', (n) => n % 3 === 0);
    matched
      .flatMap('twice', (n) => [n, n])
      .merge(
        'all',
        rest.map('negate', (n) => -n),
      )
      .sink('out', print());
    assert.deepEqual(await output(f), [0, 0, -1, -2, 3, 3, -4, -5, 6, 6, -7, -8], `block ${block}`);
  }
});

test('a duplicate id, a bad id, no function, no source and no sink are refused at build', async () => {
  const source = () => flow('f').source('in', records([1]));
  assert.throws(() => source().map('in', (n) => n), { code: 'flow.duplicate-step', message: /"in"/ });
  assert.throws(() => source().map('a b', (n) => n), { code: 'config.invalid' });
  assert.throws(() => source().map('m', undefined as never), /step "m" takes a function/);
  await assert.rejects(output(flow('empty')), { code: 'flow.invalid', message: /no source/ });
  await assert.rejects(output(source().flow), { code: 'flow.invalid', message: /no sink/ });
});

test('a function that throws stops the run and is named with the record that it was at', async () => {
  const built = flow('f')
    .source('in', records([1, 2, 3, 4], { block: 3 }))
    .filter('odd', (n) => n % 2 === 1)
    .map('bad', (n) => {
      if (n === 3) throw new RangeError('three');
      return n;
    })
    .sink('out', print());
  await assert.rejects(output(built), {
    code: 'flow.step-failed',
    message: 'step "bad" failed at record 3 of the given records: RangeError: three',
  });
});

test('a schema rejects what does not pass, with its place', async () => {
  const schema = {
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: (value: unknown) =>
        typeof value === 'number' ? { value } : { issues: [{ message: 'not a number', path: ['pm'] }] },
    },
  };
  const built = flow('f')
    .source('in', records<unknown>([1, 'x', 3]), { schema })
    .map('next', (n) => n + 1)
    .sink('out', print());
  const result = await runLocal(built.graph, { print: () => Promise.resolve() });
  assert.deepEqual(result.outputs, { out: 2 });
  assert.deepEqual(result.rejected, { count: 1, first: ['record 2 of the given records: pm: not a number'] });
});
