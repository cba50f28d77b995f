/**
 * The kernels of assembly/lstm.ts in TypeScript, to the bit of the strict ones: the reference that they are tested
 * against, and what runs where WebAssembly does not.
 */
import type { LstmKernels } from './lstm-kernels.ts';

const { fround, abs, sqrt } = Math;

export function lstmTwin(memory: Float32Array): LstmKernels {
  const get = (pointer: number): number => memory[pointer >> 2] as number;
  const set = (pointer: number, value: number): void => {
    memory[pointer >> 2] = value;
  };
  return {
    ...matrixKernels(get, set),
    ...cellKernels(get, set),
    adam(count, w, g, m, v, rate, share1, share2, epsilon) {
      const [step, decay1, decay2, small] = [fround(rate), fround(share1), fround(share2), fround(epsilon)];
      for (let i = 0; i < count * 4; i += 4) {
        const slope = get(g + i);
        const mean = fround(get(m + i) + fround(fround(slope - get(m + i)) * decay1));
        const square = fround(get(v + i) + fround(fround(fround(slope * slope) - get(v + i)) * decay2));
        set(m + i, mean);
        set(v + i, square);
        set(w + i, get(w + i) - fround(fround(step * mean) / fround(fround(sqrt(square)) + small)));
      }
    },
  };
}

type Get = (pointer: number) => number;
type Set = (pointer: number, value: number) => void;

/** Where element (row, column) of a matrix in panels stands. */
function at(matrix: number, stride: number, row: number, column: number): number {
  return matrix + (column >> 3) * stride + row * 32 + (column & 7) * 4;
}

function matrixKernels(
  get: Get,
  set: Set,
): Pick<
  LstmKernels,
  'multiply' | 'multiplyTransposed' | 'transpose' | 'columnSums' | 'sumMatrices' | 'addBias' | 'squaredError'
> {
  return {
    multiply(m, n, k, a, aStride, b, bStride, c, cStride, add) {
      each(m, n, (i, j) => {
        let sum = 0;
        for (let q = 0; q < k; q++) {
          sum = fround(sum + fround(get(at(a, aStride, i, q)) * get(at(b, bStride, q, j))));
        }
        const to = at(c, cStride, i, j);
        set(to, add ? get(to) + sum : sum);
      });
    },
    multiplyTransposed(m, n, k, a, aStride, b, bStride, c, cStride) {
      each(m, n, (i, j) => {
        let sum = 0;
        for (let q = 0; q < k; q++) {
          sum = fround(sum + fround(get(at(a, aStride, q, i)) * get(at(b, bStride, q, j))));
        }
        set(at(c, cStride, i, j), sum);
      });
    },
    transpose(m, n, a, aStride, b, bStride) {
      each(m, n, (i, j) => set(at(b, bStride, j, i), get(at(a, aStride, i, j))));
    },
    columnSums(m, n, a, aStride, out) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let i = 0; i < m; i++) sum = fround(sum + get(at(a, aStride, i, j)));
        set(out + j * 4, sum);
      }
    },
    sumMatrices(count, step, m, n, a, aStride, c, cStride) {
      each(m, n, (i, j) => {
        let sum = get(at(a, aStride, i, j));
        for (let t = 1; t < count; t++) sum = fround(sum + get(at(a + t * step, aStride, i, j)));
        set(at(c, cStride, i, j), sum);
      });
    },
    addBias(m, n, y, yStride, bias) {
      each(m, n, (i, j) => {
        const to = at(y, yStride, i, j);
        set(to, get(to) + get(bias + j * 4));
      });
    },
    squaredError(m, n, y, yStride, x, xStride, dy, scale, errors) {
      const by = fround(scale);
      for (let i = 0; i < m; i++) {
        const lanes: [number, number, number, number] = [0, 0, 0, 0];
        for (let j = 0; j < n; j++) {
          const d = fround(get(at(y, yStride, i, j)) - get(at(x, xStride, i, j)));
          lanes[(j & 3) as 0] = fround(lanes[(j & 3) as 0] + fround(d * d));
          set(at(dy, yStride, i, j), d * by);
        }
        set(errors + i * 4, fround(fround(lanes[0] + lanes[1]) + lanes[2]) + lanes[3]);
      }
    },
  };
}

function cellKernels(get: Get, set: Set): Pick<LstmKernels, 'cellForward' | 'cellBackward'> {
  return {
    cellForward(m, units, hyperbolic, z, zStride, zx, zxStride, bias, cBefore, c, h, hStride) {
      const activate = hyperbolic ? tanh : rectify;
      each(m, units, (row, unit) => {
        const sums = [0, 1, 2, 3].map((gate) => {
          const column = gate * units + unit;
          const sum = fround(get(at(z, zStride, row, column)) + get(bias + column * 4));
          return zx ? fround(sum + get(at(zx, zxStride, row, column))) : sum;
        }) as [number, number, number, number];
        const [i, f, g, o] = [sigmoid(sums[0]), sigmoid(sums[1]), activate(sums[2]), sigmoid(sums[3])];
        [i, f, g, o].forEach((value, gate) => set(at(z, zStride, row, gate * units + unit), value));
        const to = at(0, hStride, row, unit);
        let cell = fround(i * g);
        if (cBefore) cell = fround(fround(f * get(cBefore + to)) + cell);
        set(c + to, cell);
        set(h + to, o * activate(cell));
      });
    },
    cellBackward(...args) {
      const [m, units, hyperbolic, gates, gatesStride, cBefore, c, hStride, ...rest] = args;
      const [dh, dhStride, dc, dcStride, dz, dzStride] = rest;
      each(m, units, (row, unit) => {
        const [i, f, g, o] = [0, 1, 2, 3].map((gate) =>
          get(at(gates, gatesStride, row, gate * units + unit)),
        ) as [number, number, number, number];
        const to = at(0, hStride, row, unit);
        const cell = get(c + to);
        const d = get(at(dh, dhStride, row, unit));
        const shown = hyperbolic ? tanh(cell) : rectify(cell);
        const through = fround(d * o);
        const slope = hyperbolic
          ? fround(through * fround(1 - fround(shown * shown)))
          : cell > 0
            ? through
            : 0;
        const slopeG = hyperbolic ? fround(1 - fround(g * g)) : g > 0 ? 1 : 0;
        const carried = at(dc, dcStride, row, unit);
        const dCell = fround(get(carried) + slope);
        const before = cBefore ? get(cBefore + to) : 0;
        const put = (gate: number, value: number): void =>
          set(at(dz, dzStride, row, gate * units + unit), value);
        put(0, fround(dCell * g) * fround(i * fround(1 - i)));
        put(1, fround(dCell * before) * fround(f * fround(1 - f)));
        put(2, fround(dCell * i) * slopeG);
        put(3, fround(d * shown) * fround(o * fround(1 - o)));
        set(carried, dCell * f);
      });
    },
  };
}

function each(m: number, n: number, work: (i: number, j: number) => void): void {
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) work(i, j);
}

function rectify(x: number): number {
  return x > 0 ? x : 0;
}

function sigmoid(x: number): number {
  return fround(1 / fround(1 + exp(-x)));
}

/** Cephes' tanhf. */
function tanh(x: number): number {
  const size = abs(x);
  if (size < fround(0.625)) {
    const square = fround(x * x);
    const p = polynomial(TANH, square);
    return fround(fround(fround(p * square) * x) + x);
  }
  const far = fround(1 - fround(2 / fround(exp(fround(size + size)) + 1)));
  return x < 0 ? -far : far;
}

/** Cephes' expf. */
function exp(x: number): number {
  const limited = Math.max(Math.min(x, 88), -87);
  const n = nearest(fround(limited * fround(Math.LOG2E)));
  let r = fround(limited - fround(n * fround(0.693359375)));
  r = fround(r - fround(n * fround(-2.1219444e-4)));
  const p = polynomial(EXP, r);
  const small = fround(fround(fround(fround(p * r) * r) + r) + 1);
  return fround(small * 2 ** n);
}

const EXP = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
];
const TANH = [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1];

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => fround(fround(sum * x) + fround(coefficient)));
}

/** To the nearest whole number, halves to the even one. */
function nearest(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}
