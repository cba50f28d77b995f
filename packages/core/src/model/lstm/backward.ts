import type { Matrix } from '../../kernels/lstm-kernels.ts';
import type { WeightPlan } from './layout.ts';
import { stepsOf, WHOLE, type LstmNetwork, type Share, type StepMatrix } from './network.ts';

/** Adam as Keras has it. */
export interface AdamStep {
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1 for the first step. */
  readonly step: number;
}

/** From dy to the gates' slopes of every step, for the share's rows. */
export function backward(network: LstmNetwork, rows: number, share: Share): void {
  const { count, at } = stepsOf(network, rows, share);
  const gates = network.layout.units * 4;
  decoderBackward(network, count, at);
  const { steps } = network.shape;
  network.kernels.sumMatrices(steps, rows * 32, count, gates, ...at('dz2', 0), ...at('sum', 0));
  encoderBackward(network, count, at);
}

function decoderBackward(
  { kernels, layout, shape, hyperbolic, floats }: LstmNetwork,
  m: number,
  at: StepMatrix,
): void {
  const { units, features, transposed } = layout;
  const gates = units * 4;
  const dc = at('dc', 0);
  clear(floats, m, units, dc);
  for (let t = shape.steps - 1; t >= 0; t--) {
    const [z, [c, stride], dh, dz] = [at('z2', t), at('c2', t), at('dh2', t), at('dz2', t)];
    kernels.multiply(m, units, features, ...at('dy', t), transposed.dense, features * 32, ...dh, 0);
    if (t < shape.steps - 1) {
      kernels.multiply(m, units, gates, ...at('dz2', t + 1), transposed.decoder, gates * 32, ...dh, 1);
    }
    const before = t > 0 ? at('c2', t - 1)[0] : 0;
    kernels.cellBackward(m, units, hyperbolic, ...z, before, c, stride, ...dh, ...dc, ...dz);
  }
}

function encoderBackward(
  { kernels, layout, shape, hyperbolic, floats }: LstmNetwork,
  m: number,
  at: StepMatrix,
): void {
  const { units, transposed } = layout;
  const gates = units * 4;
  const dc = at('dc', 0);
  clear(floats, m, units, dc);
  for (let t = shape.lookBack - 1; t >= 0; t--) {
    const [z, [c, stride], dh, dz] = [at('z1', t), at('c1', t), at('dh1', t), at('dz1', t)];
    const last = t === shape.lookBack - 1;
    const after = last ? at('sum', 0) : at('dz1', t + 1);
    const weights = last ? transposed.input : transposed.encoder;
    kernels.multiply(m, units, gates, ...after, weights, gates * 32, ...dh, 0);
    const before = t > 0 ? at('c1', t - 1)[0] : 0;
    kernels.cellBackward(m, units, hyperbolic, ...z, before, c, stride, ...dh, ...dc, ...dz);
  }
}

/** Gradients of the share's columns of every weight matrix, over all rows; needs every share's `backward`. */
export function gradients(network: LstmNetwork, rows: number, share: Share): void {
  const { lookBack, steps } = network.shape;
  const { at } = stepsOf(network, rows, WHOLE);
  // The slopes of step t meet the state of step t - 1.
  const [later1, later2] = [Math.min(1, lookBack - 1), Math.min(1, steps - 1)];
  product(network, 0, lookBack * rows, at('x', 0), at('dz1', 0), share);
  product(network, 1, (lookBack - 1) * rows, at('h1', 0), at('dz1', later1), share);
  sums(network, 2, lookBack * rows, at('dz1', 0), share);
  product(network, 3, rows, at('h1', lookBack - 1), at('sum', 0), share);
  product(network, 4, (steps - 1) * rows, at('h2', 0), at('dz2', later2), share);
  sums(network, 5, rows, at('sum', 0), share);
  product(network, 6, steps * rows, at('h2', 0), at('dy', 0), share);
  sums(network, 7, steps * rows, at('dy', 0), share);
}

/** Adam on the share's columns. */
export function update(
  network: LstmNetwork,
  share: Share,
  { rate, beta1, beta2, epsilon, step }: AdamStep,
): void {
  const { weights, gradient, mean, square } = network.layout.plane;
  const scaled = (rate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
  for (const plan of network.layout.weights) {
    const [from, to] = panelsOf(plan, share);
    const start = plan.offset + from * plan.paddedRows * 32;
    const count = (to - from) * plan.paddedRows * 8;
    network.kernels.adam(
      count,
      weights + start,
      gradient + start,
      mean + start,
      square + start,
      scaled,
      1 - beta1,
      1 - beta2,
      epsilon,
    );
  }
  transposeWeights(network, share);
}

/** Backward products read weights by rows: the share's columns, turned. */
export function transposeWeights(network: LstmNetwork, share: Share): void {
  const { kernels, layout } = network;
  const { encoder, input, decoder, dense } = layout.transposed;
  for (const [index, target] of [
    [1, encoder],
    [3, input],
    [4, decoder],
    [6, dense],
  ] as const) {
    const plan = layout.weights[index] as WeightPlan;
    const [from, to] = panelsOf(plan, share);
    const [pointer, stride] = network.weight(index);
    const columns = (to - from) * 8;
    const into = target + from * 256;
    kernels.transpose(
      plan.paddedRows,
      columns,
      pointer + from * stride,
      stride,
      into,
      plan.paddedColumns * 32,
    );
  }
}

function product(
  { kernels, layout }: LstmNetwork,
  index: number,
  k: number,
  a: Matrix,
  [dz, dzStride]: Matrix,
  share: Share,
): void {
  const plan = layout.weights[index] as WeightPlan;
  const [from, to] = panelsOf(plan, share);
  const stride = plan.paddedRows * 32;
  const into = layout.plane.gradient + plan.offset + from * stride;
  const slopes = dz + from * dzStride;
  kernels.multiplyTransposed(plan.paddedRows, (to - from) * 8, k, ...a, slopes, dzStride, into, stride);
}

function sums(
  { kernels, layout }: LstmNetwork,
  index: number,
  rows: number,
  [dz, stride]: Matrix,
  share: Share,
): void {
  const plan = layout.weights[index] as WeightPlan;
  const [from, to] = panelsOf(plan, share);
  const into = layout.plane.gradient + plan.offset + from * 32;
  kernels.columnSums(rows, (to - from) * 8, dz + from * stride, stride, into);
}

function clear(floats: Float32Array, m: number, columns: number, [pointer, stride]: Matrix): void {
  for (let j = 0; j < columns >> 3; j++) {
    const start = (pointer + j * stride) >> 2;
    floats.fill(0, start, start + m * 8);
  }
}

function panelsOf({ paddedColumns }: WeightPlan, { index, of }: Share): [from: number, to: number] {
  const panels = paddedColumns >> 3;
  return [Math.floor((panels * index) / of), Math.floor((panels * (index + 1)) / of)];
}
