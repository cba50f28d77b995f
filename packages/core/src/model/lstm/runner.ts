import { LinnetError } from '../../base/error.ts';
import type { LstmArithmetic } from '../../kernels/lstm.ts';
import { compare, forward, meanErrors } from './forward.ts';
import type { LstmModel } from './model.ts';
import { LstmNetwork, WHOLE } from './network.ts';
import { targetOf } from './train.ts';

const BATCH = 32;

/**
 * Runs a trained encoder-decoder. In `strict` arithmetic, the default, the sums have one order and exp is our own: every machine
 * gives the same bits, and a window gives the same bits alone or in a batch.
 *
 * A window of nine sensors and 128 units takes some 0.05 ms.
 */
export class LstmRunner {
  readonly model: LstmModel;
  private readonly network: LstmNetwork;
  private readonly window: Float32Array;
  private readonly output: Float32Array;

  constructor(model: LstmModel, { arithmetic = 'strict' }: { arithmetic?: LstmArithmetic } = {}) {
    const { features, lookBack, steps } = model.shape;
    this.model = model;
    this.network = new LstmNetwork(model.shape, { arithmetic, batch: BATCH });
    this.network.setWeights(model.weights);
    this.window = new Float32Array(lookBack * features);
    this.output = new Float32Array(steps * features);
  }

  /**
   * The output for one window of `lookBack` rows of values, oldest first: `steps` rows, the window again or what comes next.
   * @returns the same array at every call
   * @throws LinnetError `data.invalid` unless every value is a finite number
   */
  run(values: ArrayLike<number>): Float32Array {
    const { window, output, network } = this;
    const { mean, scale } = this.model;
    const features = mean.length;
    for (let i = 0; i < window.length; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value)) {
        throw new LinnetError('data.invalid', `value ${i} of an LSTM window is ${value}: fill gaps first`);
      }
      const j = i % features;
      window[i] = (value - (mean[j] as number)) / (scale[j] as number);
    }
    network.gather('x', { table: window, starts: FIRST }, 1, WHOLE);
    forward(network, 1, WHOLE);
    network.output(1, output);
    for (let i = 0; i < output.length; i++) {
      const j = i % features;
      output[i] = (output[i] as number) * (scale[j] as number) + (mean[j] as number);
    }
    return output;
  }

  /**
   * The mean squared error of each window and sensor, in standardised units.
   * @param table standardised rows, as `standardise` makes them
   * @param starts row at which each window starts
   */
  errors(table: Float32Array, starts: ArrayLike<number>): Float32Array<ArrayBuffer> {
    const { network } = this;
    const { shape, head } = this.model;
    const target = targetOf(head);
    const out = new Float32Array(starts.length * shape.features);
    for (let first = 0; first < starts.length; first += BATCH) {
      const rows = Math.min(BATCH, starts.length - first);
      network.gather('x', { table, starts, first }, rows, WHOLE);
      if (target === 'target') {
        network.gather('target', { table, starts, first, ahead: shape.lookBack }, rows, WHOLE);
      }
      forward(network, rows, WHOLE);
      compare(network, rows, WHOLE, target);
      meanErrors(network, rows, WHOLE, target, out, first);
    }
    return out;
  }
}

const FIRST = [0];
