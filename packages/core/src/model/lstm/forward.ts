import { rowsOf, stepsOf, type LstmNetwork, type Share } from './network.ts';

/** From x to y, for the share's rows of a batch of `rows`. */
export function forward(network: LstmNetwork, rows: number, share: Share): void {
  const { kernels, layout, shape, hyperbolic } = network;
  const { features, units } = layout;
  const gates = units * 4;
  const { count: m, at } = stepsOf(network, rows, share);
  for (let t = 0; t < shape.lookBack; t++) {
    const [z, [c], h] = [at('z1', t), at('c1', t), at('h1', t)];
    kernels.multiply(m, gates, shape.features, ...at('x', t), ...network.weight(0), ...z, 0);
    if (t > 0) kernels.multiply(m, gates, units, ...at('h1', t - 1), ...network.weight(1), ...z, 1);
    const before = t > 0 ? at('c1', t - 1)[0] : 0;
    kernels.cellForward(m, units, hyperbolic, ...z, 0, 0, network.weight(2)[0], before, c, ...h);
  }
  // The decoder reads the same vector at every step: its projection is computed once.
  const zx = at('zx', 0);
  kernels.multiply(m, gates, units, ...at('h1', shape.lookBack - 1), ...network.weight(3), ...zx, 0);
  for (let t = 0; t < shape.steps; t++) {
    const [z, [c], h] = [at('z2', t), at('c2', t), at('h2', t)];
    // Before the first step the state is zero: a product over no columns clears z.
    const recurrent = t > 0 ? units : 0;
    kernels.multiply(m, gates, recurrent, ...at('h2', Math.max(t - 1, 0)), ...network.weight(4), ...z, 0);
    const before = t > 0 ? at('c2', t - 1)[0] : 0;
    kernels.cellForward(m, units, hyperbolic, ...z, ...zx, network.weight(5)[0], before, c, ...h);
    const y = at('y', t);
    kernels.multiply(m, features, units, ...h, ...network.weight(6), ...y, 0);
    kernels.addBias(m, features, ...y, network.weight(7)[0]);
  }
}

/** The squared error of each row against the target, and dy, for the share's rows. */
export function compare(network: LstmNetwork, rows: number, share: Share, target: 'x' | 'target'): void {
  const { kernels, layout, shape } = network;
  const { count, from, at } = stepsOf(network, rows, share);
  const scale = 2 / (rows * shape.steps * shape.features);
  for (let t = 0; t < shape.steps; t++) {
    const errors = layout.activations.errors + (t * rows + from) * 4;
    kernels.squaredError(
      count,
      layout.features,
      ...at('y', t),
      ...at(target, t),
      at('dy', t)[0],
      scale,
      errors,
    );
  }
}

/** Sum of the squared errors of the batch, in an order that no share changes. */
export function squaredErrors(network: LstmNetwork, rows: number): number {
  const base = network.layout.activations.errors >> 2;
  let sum = 0;
  for (let i = 0; i < rows * network.shape.steps; i++) sum += network.floats[base + i] as number;
  return sum;
}

/** The mean squared error of each window and feature of the share's rows, to rows of `out` from `first` on. */
export function meanErrors(
  network: LstmNetwork,
  rows: number,
  share: Share,
  target: 'x' | 'target',
  out: Float32Array,
  first: number,
): void {
  const { floats, layout } = network;
  const { features, steps } = network.shape;
  const [from, to] = rowsOf(rows, share);
  const [y, expected] = [layout.activations.y >> 2, layout.activations[target] >> 2];
  for (let b = from; b < to; b++) {
    for (let j = 0; j < features; j++) {
      let sum = 0;
      for (let t = 0; t < steps; t++) {
        const at = ((j >> 3) * steps * rows + t * rows + b) * 8 + (j & 7);
        const d = (floats[y + at] as number) - (floats[expected + at] as number);
        sum += d * d;
      }
      out[(first + b) * features + j] = sum / steps;
    }
  }
}
