import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LstmKernels, Matrix } from './lstm-kernels.ts';
import { lstmKernels, type LstmArithmetic } from './lstm.ts';

/** A memory with numbers that follow from the seed, from -scale to scale. */
function filled(
  arithmetic: LstmArithmetic,
  seed: number,
  scale = 1,
): { memory: WasmMemory; kernels: LstmKernels } {
  const memory = new WebAssembly.Memory({ initial: 5, maximum: 5, shared: true });
  const floats = new Float32Array(memory.buffer);
  let state = seed | 1;
  for (let i = 0; i < floats.length; i++) {
    state = Math.imul(state, 1664525) + 1013904223;
    floats[i] = (state / 2 ** 31) * scale;
  }
  return { memory, kernels: lstmKernels(arithmetic, memory) };
}

function sameAfter(seed: number, work: (kernels: LstmKernels) => void, scale = 1): void {
  const [strict, twin] = (['strict', 'twin'] as const).map((arithmetic) => {
    const { memory, kernels } = filled(arithmetic, seed, scale);
    work(kernels);
    return new Uint32Array(memory.buffer.slice(0));
  });
  const first = strict?.findIndex((bits, i) => bits !== twin?.[i]) ?? -1;
  assert.equal(first, -1, `the first difference is at float ${first}`);
}

const seed = fc.integer({ min: 1, max: 2 ** 30 });
const rows = fc.integer({ min: 0, max: 11 });
const inner = fc.integer({ min: 0, max: 19 });
const panels = fc.integer({ min: 1, max: 6 });
/** Matrices that do not overlap, each panel with room for 24 rows. */
const stride = 24 * 32;
const matrix = (index: number): Matrix => [256 + index * stride * 25, stride];

test('products are the twin’s to the bit, for any size, stored or added', () => {
  fc.assert(
    fc.property(seed, rows, panels, inner, fc.boolean(), (start, m, n, k, add) => {
      sameAfter(start, (kernels) => {
        kernels.multiply(m, n * 8, k, ...matrix(0), ...matrix(1), ...matrix(2), add ? 1 : 0);
        kernels.multiplyTransposed(m, n * 8, k, ...matrix(0), ...matrix(1), ...matrix(3));
        kernels.columnSums(m, n * 8, ...matrix(0), 64);
        kernels.sumMatrices(3, 32, m, n * 8, ...matrix(1), ...matrix(4));
        kernels.addBias(m, n * 8, ...matrix(4), matrix(0)[0]);
        kernels.squaredError(m, n * 8, ...matrix(4), ...matrix(1), matrix(5)[0], 0.3, 128);
        kernels.adam(n * 8, matrix(0)[0], matrix(1)[0], matrix(2)[0], matrix(6)[0], 1e-3, 0.1, 1e-3, 1e-7);
      });
    }),
    { numRuns: 60 },
  );
});

test('fused products are the twin’s but for rounding, for sizes with tiles of six and without', () => {
  // Room for 64 rows in each of 8 panels; numbers below 1, so that a sum of up to 60 products has 1e-5 to spare.
  const wide = (index: number): Matrix => [256 + index * 8 * 64 * 32, 64 * 32];
  const size = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(seed, size, size, fc.integer({ min: 1, max: 3 }), fc.boolean(), (start, m, k, n, add) => {
      const [fused, exact] = (['relaxed', 'twin'] as const).map((arithmetic) => {
        const { memory, kernels } = filled(arithmetic, start);
        kernels.multiply(m, n * 8, k, ...wide(0), ...wide(1), ...wide(2), add ? 1 : 0);
        kernels.multiplyTransposed(m, n * 8, k, ...wide(0), ...wide(1), ...wide(3));
        return new Float32Array(memory.buffer.slice(0));
      });
      const worst = (exact as Float32Array).reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (fused?.[i] as number))),
        0,
      );
      assert.ok(worst < 2e-5, `off by ${worst}`);
    }),
    { numRuns: 60 },
  );
});

test('a transposed matrix is the twin’s', () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (start, m, n) => {
      sameAfter(start, (kernels) => kernels.transpose(m * 8, n * 8, ...matrix(0), ...matrix(1)));
    }),
    { numRuns: 20 },
  );
});

test('cells are the twin’s to the bit, from tiny to saturated gates', () => {
  fc.assert(
    fc.property(
      seed,
      rows,
      fc.constantFrom(8, 16, 24),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(1e-6, 0.1, 1, 10, 200),
      (start, m, units, tanh, first, scale) => {
        const [z, zx, h, dh, dc, dz] = [0, 1, 2, 3, 4, 5].map(matrix) as [
          Matrix,
          Matrix,
          Matrix,
          Matrix,
          Matrix,
          Matrix,
        ];
        const [before, c] = [first ? 0 : h[0] + stride * 4, h[0] + stride * 8];
        const hyperbolic = tanh ? 1 : 0;
        const added: Matrix = first ? [0, 0] : zx;
        const bias = matrix(6)[0];
        const cells = (kernels: LstmKernels): void => {
          kernels.cellForward(m, units, hyperbolic, ...z, ...added, bias, before, c, ...h);
          kernels.cellBackward(m, units, hyperbolic, ...z, before, c, stride, ...dh, ...dc, ...dz);
        };
        sameAfter(start, cells, scale);
      },
    ),
    { numRuns: 60 },
  );
});
