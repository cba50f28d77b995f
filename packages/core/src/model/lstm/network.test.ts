import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Mt19937 } from '../../random/mt19937.ts';
import { backward, gradients, transposeWeights, update } from './backward.ts';
import { compare, forward, squaredErrors } from './forward.ts';
import { initialWeights } from './initial-weights.ts';
import { countParameters, type LstmShape } from './layout.ts';
import { LstmNetwork, WHOLE } from './network.ts';

interface Golden {
  readonly cases: readonly {
    readonly activation: 'relu' | 'tanh';
    readonly shape: { batch: number; look_back: number; features: number; units: number };
    readonly weights: readonly unknown[];
    readonly input: unknown;
    readonly encoder_output: readonly number[][];
    readonly output: unknown;
    readonly loss: number;
    readonly grads: readonly unknown[];
    readonly adam: {
      losses_before_each_step: number[];
      weights_after_3_steps: unknown[];
      loss_after_3: number;
    };
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../../golden/lstm_case.json', import.meta.url), 'utf8'),
) as Golden;
const adam = { rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

for (const arithmetic of ['strict', 'relaxed', 'twin'] as const) {
  for (const one of golden.cases) {
    test(`${arithmetic} ${one.activation}: Keras' forward, loss, gradients and three Adam steps`, () => {
      const { batch, look_back: lookBack, features, units } = one.shape;
      const shape: LstmShape = { features, units, lookBack, steps: lookBack, activation: one.activation };
      const network = new LstmNetwork(shape, { arithmetic, batch, training: true });
      network.setWeights(one.weights.map(flat));
      transposeWeights(network, WHOLE);
      const starts = Array.from({ length: batch }, (_, i) => i * lookBack);
      network.gather('x', { table: Float32Array.from(flat(one.input)), starts }, batch, WHOLE);
      const losses: number[] = [];
      for (let step = 1; step <= 4; step++) {
        forward(network, batch, WHOLE);
        compare(network, batch, WHOLE, 'x');
        losses.push(squaredErrors(network, batch) / (batch * lookBack * features));
        if (step === 4) break;
        backward(network, batch, WHOLE);
        gradients(network, batch, WHOLE);
        if (step === 1) {
          const output = new Float32Array(batch * lookBack * features);
          network.output(batch, output);
          near(output, flat(one.output), 'output');
          one.encoder_output.forEach((row, i) => near(network.encoded(i, batch), row, 'encoded'));
          network
            .weights('gradient')
            .forEach((g, i) => near(g, flat(one.grads[i]), `gradient ${network.layout.weights[i]?.name}`));
        }
        update(network, WHOLE, { ...adam, step });
      }
      near(losses, [...one.adam.losses_before_each_step, one.adam.loss_after_3], 'losses');
      near([losses[0] as number], [one.loss], 'loss');
      network.weights().forEach((w, i) => near(w, flat(one.adam.weights_after_3_steps[i]), `weights ${i}`));
    });
  }
}

function flat(value: unknown): number[] {
  return [value].flat(9) as number[];
}

/** 1e-5 relative to the largest number of the tensor. */
function near(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  const scale = Math.max(...expected.map(Math.abs));
  const worst = Math.max(...expected.map((value, i) => Math.abs((actual[i] as number) - value))) / scale;
  assert.ok(worst <= 1e-5, `${what}: ${worst}`);
}
test('the source’s model has 203,401 parameters', () => {
  assert.equal(
    countParameters({ features: 9, units: 128, lookBack: 5, steps: 5, activation: 'relu' }),
    203_401,
  );
});

test('any number of shares gives the same weights to the bit, for sizes that fill no panel', () => {
  const shape: LstmShape = { features: 5, units: 13, lookBack: 3, steps: 2, activation: 'tanh' };
  const table = Float32Array.from({ length: 40 * 5 }, (_, i) => Math.sin(i * i));
  const starts = Int32Array.from({ length: 30 }, (_, i) => i);
  const trained = [1, 2, 3, 5].map((of) => {
    const network = new LstmNetwork(shape, { arithmetic: 'relaxed', batch: 16, training: true });
    network.setWeights(initialWeights(shape, Mt19937.fromInteger(7)));
    transposeWeights(network, WHOLE);
    const shares = Array.from({ length: of }, (_, index) => ({ index, of }));
    for (let step = 1; step <= 4; step++) {
      const rows = step === 4 ? 11 : 16;
      for (const share of shares) {
        network.gather('x', { table, starts, first: step }, rows, share);
        network.gather('target', { table, starts, first: step, ahead: 3 }, rows, share);
        forward(network, rows, share);
        compare(network, rows, share, 'target');
        backward(network, rows, share);
      }
      for (const share of shares) {
        gradients(network, rows, share);
        update(network, share, { ...adam, step });
      }
    }
    return network.weights();
  });
  for (const weights of trained) assert.deepEqual(weights, trained[0]);
  assert.ok(trained[0]?.every((weights) => weights.every(Number.isFinite)));
});

test('a size below one and weights of another shape are refused', () => {
  const shape: LstmShape = { features: 2, units: 4, lookBack: 3, steps: 3, activation: 'relu' };
  assert.throws(() => countParametersOf({ ...shape, units: 0 }), { code: 'config.invalid' });
  const network = new LstmNetwork(shape, { arithmetic: 'twin', batch: 1 });
  assert.throws(() => network.setWeights([new Float32Array(3)]), {
    code: 'data.invalid',
    message: /encoder\.kernel takes 2 × 16 numbers, not 3/,
  });
});

function countParametersOf(shape: LstmShape): number {
  return new LstmNetwork(shape, { arithmetic: 'twin', batch: 1 }).layout.planeFloats;
}
