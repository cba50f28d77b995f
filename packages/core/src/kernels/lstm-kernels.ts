/**
 * The kernels of an LSTM network. Pointers and strides are in bytes; what each does is said in assembly/lstm.ts.
 */

/** A pointer to the first panel, and the bytes from a panel to the next. */
export type Matrix = [pointer: number, stride: number];

export interface LstmKernels {
  multiply(
    ...args: [m: number, n: number, k: number, ...a: Matrix, ...b: Matrix, ...c: Matrix, add: number]
  ): void;
  multiplyTransposed(
    ...args: [m: number, n: number, k: number, ...a: Matrix, ...b: Matrix, ...c: Matrix]
  ): void;
  transpose(...args: [m: number, n: number, ...a: Matrix, ...b: Matrix]): void;
  columnSums(...args: [m: number, n: number, ...a: Matrix, out: number]): void;
  sumMatrices(...args: [count: number, step: number, m: number, n: number, ...a: Matrix, ...c: Matrix]): void;
  /** `zx` and `cBefore` may be 0: absent. `c` and `h` have one stride. */
  cellForward(
    ...args: [
      m: number,
      units: number,
      hyperbolic: number,
      ...z: Matrix,
      ...zx: Matrix,
      bias: number,
      cBefore: number,
      c: number,
      ...h: Matrix,
    ]
  ): void;
  cellBackward(
    ...args: [
      m: number,
      units: number,
      hyperbolic: number,
      ...gates: Matrix,
      cBefore: number,
      ...c: Matrix,
      ...dh: Matrix,
      ...dc: Matrix,
      ...dz: Matrix,
    ]
  ): void;
  addBias(...args: [m: number, n: number, ...y: Matrix, bias: number]): void;
  squaredError(
    ...args: [m: number, n: number, ...y: Matrix, ...x: Matrix, dy: number, scale: number, errors: number]
  ): void;
  adam(
    ...args: [
      count: number,
      w: number,
      g: number,
      m: number,
      v: number,
      rate: number,
      share1: number,
      share2: number,
      epsilon: number,
    ]
  ): void;
}
