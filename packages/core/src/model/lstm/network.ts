/**
 * An LSTM encoder-decoder in one memory: its weights, and a batch on its way through (forward.ts, backward.ts).
 *
 * What a thread does is given as a share, and no number depends on how many shares there are: rows of a batch
 * are independent forwards and backwards, and each column of a gradient is summed over the whole batch by one thread.
 */
import { LinnetError } from '../../base/error.ts';
import type { LstmKernels, Matrix } from '../../kernels/lstm-kernels.ts';
import { lstmKernels, type LstmArithmetic } from '../../kernels/lstm.ts';
import {
  planLstm,
  rowsAWindow,
  type ActivationName,
  type LstmLayout,
  type LstmShape,
  type WeightPlan,
} from './layout.ts';

export interface LstmNetworkOptions {
  readonly arithmetic: LstmArithmetic;
  /** Windows at once, at most. */
  readonly batch: number;
  /** Room for gradients and moments. */
  readonly training?: boolean;
  /** A memory that another thread planned with the same shape, batch and training. */
  readonly memory?: WasmMemory;
}

/** Windows of a table whose rows hold one value a feature. */
export interface WindowSource {
  readonly table: Float32Array;
  readonly starts: ArrayLike<number>;
  readonly first?: number;
  readonly ahead?: number;
}

/** The part of the work that one of `of` threads does. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

export const WHOLE: Share = { index: 0, of: 1 };

export class LstmNetwork {
  readonly shape: LstmShape;
  readonly layout: LstmLayout;
  readonly batch: number;
  readonly memory: WasmMemory;
  readonly floats: Float32Array;
  readonly kernels: LstmKernels;
  /** 1 for tanh, 0 for relu. */
  readonly hyperbolic: number;

  constructor(shape: LstmShape, options: LstmNetworkOptions) {
    this.shape = shape;
    this.batch = options.batch;
    this.layout = planLstm(shape, options.batch, options.training ?? false);
    const pages = Math.ceil(this.layout.bytes / 65_536);
    this.memory = options.memory ?? new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.floats = new Float32Array(this.memory.buffer);
    this.kernels = lstmKernels(options.arithmetic, this.memory);
    this.hyperbolic = shape.activation === 'tanh' ? 1 : 0;
  }

  /** Weights in Keras' order and layout, row-major: kernel, recurrent kernel, bias of each layer; gates i, f, g, o. */
  weights(plane: keyof LstmLayout['plane'] = 'weights'): Float32Array<ArrayBuffer>[] {
    return this.layout.weights.map((plan) => {
      const out = new Float32Array(plan.rows * plan.columns);
      this.eachWeight(plane, plan, (from, to) => (out[to] = this.floats[from] as number));
      return out;
    });
  }

  setWeights(values: readonly ArrayLike<number>[], plane: keyof LstmLayout['plane'] = 'weights'): void {
    this.layout.weights.forEach((plan, index) => {
      const given = values[index];
      if (given?.length !== plan.rows * plan.columns) {
        throw new LinnetError(
          'data.invalid',
          `lstm ${plan.name} takes ${plan.rows} × ${plan.columns} numbers, not ${given?.length ?? 0}`,
        );
      }
      this.eachWeight(plane, plan, (to, from) => (this.floats[to] = given[from] as number));
    });
  }

  /**
   * Puts windows of a table of `features` columns into the batch: window b of the share's rows starts at row
   * starts[first + b], plus `ahead`.
   * @param into `x` takes `lookBack` rows of each window, `target` takes `steps`
   */
  gather(
    into: 'x' | 'target',
    { table, starts, first = 0, ahead = 0 }: WindowSource,
    rows: number,
    share: Share,
  ): void {
    const { features } = this.shape;
    const padded = this.layout.features;
    const length = into === 'x' ? this.shape.lookBack : this.shape.steps;
    const base = this.layout.activations[into] >> 2;
    const panel = length * rows * 8;
    const [from, to] = rowsOf(rows, share);
    for (let b = from; b < to; b++) {
      const start = ((starts[first + b] as number) + ahead) * features;
      for (let t = 0; t < length; t++) {
        const row = base + (t * rows + b) * 8;
        for (let j = 0; j < padded; j++) {
          const value = j < features ? (table[start + t * features + j] as number) : 0;
          this.floats[row + (j >> 3) * panel + (j & 7)] = value;
        }
      }
    }
  }

  /** Output of the batch, rows of `features` values, step by step for each window. */
  output(rows: number, out: Float32Array): void {
    const { features, steps } = this.shape;
    const base = this.layout.activations.y >> 2;
    const panel = steps * rows * 8;
    let at = 0;
    for (let b = 0; b < rows; b++) {
      for (let t = 0; t < steps; t++) {
        const row = base + (t * rows + b) * 8;
        for (let j = 0; j < features; j++) {
          out[at++] = this.floats[row + (j >> 3) * panel + (j & 7)] as number;
        }
      }
    }
  }

  /** What the encoder hands over, a row of `units` for window `row`. */
  encoded(row: number, rows: number): Float32Array<ArrayBuffer> {
    const { units, lookBack } = this.shape;
    const base = (this.layout.activations.h1 >> 2) + ((lookBack - 1) * rows + row) * 8;
    return Float32Array.from(
      { length: units },
      (_, j) => this.floats[base + (j >> 3) * lookBack * rows * 8 + (j & 7)] as number,
    );
  }

  plan(index: number): WeightPlan {
    return this.layout.weights[index] as WeightPlan;
  }

  /** A weight matrix as kernels take it. */
  weight(index: number): Matrix {
    const { offset, paddedRows } = this.plan(index);
    return [this.layout.plane.weights + offset, paddedRows * 32];
  }

  private eachWeight(
    plane: keyof LstmLayout['plane'],
    plan: WeightPlan,
    work: (inPlane: number, inKeras: number) => void,
  ): void {
    const base = (this.layout.plane[plane] + plan.offset) >> 2;
    const [block, padded] = [plan.columns / plan.blocks, plan.paddedColumns / plan.blocks];
    for (let row = 0; row < plan.rows; row++) {
      for (let column = 0; column < plan.columns; column++) {
        const at = Math.floor(column / block) * padded + (column % block);
        work(base + (at >> 3) * plan.paddedRows * 8 + row * 8 + (at & 7), row * plan.columns + column);
      }
    }
  }
}

/** Rows go to shares in fours, the height of a tile. */
export function rowsOf(rows: number, { index, of }: Share): [from: number, to: number] {
  const cut = (i: number): number => (i === of ? rows : Math.min(rows, Math.ceil((rows * i) / of / 4) * 4));
  return [cut(index), cut(index + 1)];
}

/** The rows of a batch's matrix that hold step t, as kernels take them. */
export type StepMatrix = (name: ActivationName, t: number) => Matrix;

/** Where the share's rows of a batch lie: `count` of them, from `from` on, in every step. */
export function stepsOf(
  { layout, shape }: LstmNetwork,
  rows: number,
  share: Share,
): { from: number; count: number; at: StepMatrix } {
  const [from, to] = rowsOf(rows, share);
  const at: StepMatrix = (name, t) => [
    layout.activations[name] + (t * rows + from) * 32,
    rowsAWindow(shape, name) * rows * 32,
  ];
  return { from, count: to - from, at };
}
