import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  KernelFieldScan,
  TwinFieldScan,
  kernelCutter,
  openFieldScan,
  twinCut,
  type FieldScan,
} from './field-scan.ts';
import { fieldScanWasm } from './field-scan.wasm.ts';

const open = () => openFieldScan() ?? assert.fail('this runtime should run the kernel');
const bytesOf = (text: string) => new TextEncoder().encode(text);
const result = (scan: FieldScan, count: number) => ({
  count,
  spans: [...scan.spans],
  lines: [...scan.lines],
  wrong: [...scan.wrong],
});

test('the committed kernel names the source it was compiled from', () => {
  const source = readFileSync(new URL('assembly/field-scan.ts', import.meta.url));
  assert.equal(fieldScanWasm.source, createHash('sha256').update(source).digest('hex'));
});

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('\n', '\r\n', ',', ',', '\r') },
  { weight: 4, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 2, arbitrary: fc.constantFrom('12', 'a,b,c\n', '7,8,9\r\n', 'é', '\n\n') },
);
const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
const layout = fc.constantFrom([0], [0, 1], [0, 1, 2], [-1, 1, 0], [1, -1, 0], [-1, -1, 0]);

test('kernel and twin find the same fields', () => {
  fc.assert(
    fc.property(text, layout, (input, columns) => {
      const layoutOf = { delimiter: 0x2c, columns: Int32Array.from(columns) };
      const kernel = new KernelFieldScan(open(), layoutOf);
      const twin = new TwinFieldScan(layoutOf);
      const bytes = bytesOf(input);
      assert.deepEqual(
        result(kernel, kernel.scan(bytes)),
        result(twin, twin.scan(bytes)),
        JSON.stringify(input),
      );
    }),
    { numRuns: 2000 },
  );
});

test('more lines than there was memory for are found all the same, and the next scan has nothing left of them', () => {
  const columns = Int32Array.from([0, 1]);
  const scan = new KernelFieldScan(open(), { delimiter: 0x2c, columns });
  const twin = new TwinFieldScan({ delimiter: 0x2c, columns });
  for (const input of ['1,2\n'.repeat(20_000), '1,2,3\n'.repeat(20_000), 'a,b', '']) {
    const bytes = bytesOf(input);
    assert.deepEqual(result(scan, scan.scan(bytes)), result(twin, twin.scan(bytes)));
  }
});

test('kernel and twin cut the same lines', () => {
  const cut = kernelCutter(open());
  const most = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(Infinity));
  fc.assert(
    fc.property(text, most, (input, max) => {
      const bytes = bytesOf(input);
      assert.deepEqual(cut(bytes, max), twinCut(bytes, max), JSON.stringify(input));
    }),
    { numRuns: 2000 },
  );
});
