import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { ownerOf } from '../engine/exchange.ts';
import { KernelDivider, openDivideLines, twinDivide, type DividedLines } from './divide-lines.ts';
import { divideLinesWasm } from './divide-lines.wasm.ts';

const open = () => openDivideLines() ?? assert.fail('this runtime should run the kernel');
const bytesOf = (text: string) => new TextEncoder().encode(text);
const result = ({ parts, wrong }: DividedLines) => ({
  parts: parts.map(({ bytes, places }) => ({ bytes: [...bytes], places: [...places] })),
  wrong: [...wrong],
});

test('the committed kernel names the source it was compiled from', () => {
  const source = readFileSync(new URL('assembly/divide-lines.ts', import.meta.url));
  assert.equal(divideLinesWasm.source, createHash('sha256').update(source).digest('hex'));
});

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('\n', '\r\n', ',', ',', '\r') },
  { weight: 4, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 2, arbitrary: fc.constantFrom('12', 'a,b,c\n', '7,8,9\r\n', 'é', '\n\n') },
);
const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));

test('kernel and twin divide the same', () => {
  const kernel = new KernelDivider(open());
  const field = fc
    .integer({ min: 1, max: 3 })
    .chain((width) => fc.tuple(fc.constant(width), fc.nat(width - 1)));
  fc.assert(
    fc.property(
      text,
      field,
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      (input, [width, key], workers, numeric) => {
        const owners = { delimiter: 0x2c, width, key, numeric, workers };
        const bytes = bytesOf(input);
        assert.deepEqual(
          result(kernel.divide(bytes, owners)),
          result(twinDivide(bytes, owners)),
          JSON.stringify(input),
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test('more lines than there was memory for are divided all the same', () => {
  const kernel = new KernelDivider(open());
  const owners = { delimiter: 0x2c, width: 2, key: 0, numeric: true, workers: 3 };
  for (const input of ['1,2\n2,2\n'.repeat(10_000), '1,2,3\n'.repeat(20_000), 'a,b', '']) {
    const bytes = bytesOf(input);
    assert.deepEqual(result(kernel.divide(bytes, owners)), result(twinDivide(bytes, owners)));
  }
});

test('every line has one owner, that of its key', () => {
  const keys = ['1970', 'sensor 7', '0', '12.5', '-3'];
  const bytes = bytesOf(keys.map((key) => `x,${key}\n`).join(''));
  for (const numeric of [false, true]) {
    const { parts } = twinDivide(bytes, { delimiter: 0x2c, width: 2, key: 1, numeric, workers: 3 });
    parts.forEach(({ places }, worker) => {
      const own = keys.flatMap((key, line) =>
        ownerOf(numeric ? Number(key) : key, 3) === worker ? [line] : [],
      );
      assert.deepEqual([...places], own);
    });
  }
});
