/**
 * Where everything of an LSTM encoder-decoder lies in its memory. The plan follows from the shape alone, so that threads
 * that share the memory agree on it without a word.
 */
import { LinnetError } from '../../base/error.ts';

/** LSTM(units) -> RepeatVector(steps) -> LSTM(units, sequences) -> Dense(features) on each step. */
export interface LstmShape {
  readonly features: number;
  readonly units: number;
  /** Instants that the encoder reads. */
  readonly lookBack: number;
  /** Instants that the decoder writes: `lookBack` to reconstruct, the horizon to forecast. */
  readonly steps: number;
  readonly activation: 'relu' | 'tanh';
}

/** A weight matrix: its true size, as Keras has it, and where its panels lie within a plane of weights. */
export interface WeightPlan {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Gates lie side by side: each block of `units` true columns takes `block` columns. */
  readonly blocks: number;
  readonly paddedRows: number;
  readonly paddedColumns: number;
  /** Bytes from the start of a plane. */
  readonly offset: number;
}

export interface LstmLayout {
  readonly features: number;
  readonly units: number;
  readonly weights: readonly WeightPlan[];
  /** Floats of a plane: weights, gradients and both moments have one each. */
  readonly planeFloats: number;
  readonly plane: {
    readonly weights: number;
    readonly gradient: number;
    readonly mean: number;
    readonly square: number;
  };
  readonly transposed: {
    readonly encoder: number;
    readonly input: number;
    readonly decoder: number;
    readonly dense: number;
  };
  readonly activations: Readonly<Record<ActivationName, number>>;
  readonly bytes: number;
}

/** Bytes at the start of the memory that threads meet at; pointer 0 means "absent" to the kernels. */
export const CONTROL_BYTES = 256;

export const WEIGHT_NAMES = [
  'encoder.kernel',
  'encoder.recurrent',
  'encoder.bias',
  'decoder.kernel',
  'decoder.recurrent',
  'decoder.bias',
  'dense.kernel',
  'dense.bias',
] as const;

/** The matrices of a batch: rows a window, columns, and whether training alone needs it. 1 is the encoder, 2 the decoder. */
const MATRICES = {
  x: ['lookBack', 'features'],
  target: ['steps', 'features'],
  z1: ['lookBack', 'gates'],
  c1: ['lookBack', 'units'],
  h1: ['lookBack', 'units'],
  zx: ['once', 'gates'],
  z2: ['steps', 'gates'],
  c2: ['steps', 'units'],
  h2: ['steps', 'units'],
  y: ['steps', 'features'],
  errors: ['steps', 'one'],
  dy: ['steps', 'features'],
  dh2: ['steps', 'units', 'training'],
  dc: ['once', 'units', 'training'],
  dz2: ['steps', 'gates', 'training'],
  sum: ['once', 'gates', 'training'],
  dh1: ['lookBack', 'units', 'training'],
  dz1: ['lookBack', 'gates', 'training'],
} as const satisfies Record<string, readonly ['lookBack' | 'steps' | 'once', string, 'training'?]>;

export type ActivationName = keyof typeof MATRICES;

/** Rows that a matrix has for each window. */
export function rowsAWindow({ lookBack, steps }: LstmShape, name: ActivationName): number {
  return { lookBack, steps, once: 1 }[MATRICES[name][0]];
}

/** @param batch windows at once, at most */
export function planLstm(shape: LstmShape, batch: number, training: boolean): LstmLayout {
  checkShape(shape, batch);
  const [features, units] = [pad(shape.features), pad(shape.units)];
  const { weights, floats } = planWeights(shape);
  let top = CONTROL_BYTES;
  const take = (count: number): number => {
    const pointer = top;
    top += (count * 4 + 63) & ~63;
    return pointer;
  };
  const trained = training ? floats : 0;
  const plane = {
    weights: take(floats),
    gradient: take(trained),
    mean: take(trained),
    square: take(trained),
  };
  const square = training ? units * units * 4 : 0;
  const transposed = {
    encoder: take(square),
    input: take(square),
    decoder: take(square),
    dense: take(training ? units * features : 0),
  };
  const columnsOf = { features, units, gates: units * 4, one: 1 };
  const activations = Object.fromEntries(
    Object.entries(MATRICES).map(([name, [, columns, when]]) => {
      const windows = when === 'training' && !training ? 0 : batch;
      return [name, take(rowsAWindow(shape, name as ActivationName) * windows * columnsOf[columns])];
    }),
  ) as Record<ActivationName, number>;
  return { features, units, weights, planeFloats: floats, plane, transposed, activations, bytes: top };
}

/** Numbers to learn: 203,401 for 9 features and 128 units. */
export function countParameters(shape: LstmShape): number {
  return planWeights(shape).weights.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
}

function planWeights({ features, units }: LstmShape): { weights: WeightPlan[]; floats: number } {
  const gates = units * 4;
  const sizes: readonly (readonly [rows: number, columns: number, blocks: number, paddedRows: number])[] = [
    [features, gates, 4, features],
    [units, gates, 4, pad(units)],
    [1, gates, 4, 1],
    [units, gates, 4, pad(units)],
    [units, gates, 4, pad(units)],
    [1, gates, 4, 1],
    [units, features, 1, pad(units)],
    [1, features, 1, 1],
  ];
  let floats = 0;
  const weights = sizes.map(([rows, columns, blocks, paddedRows], index) => {
    const paddedColumns = pad(columns / blocks) * blocks;
    const plan = {
      rows,
      columns,
      blocks,
      paddedRows,
      paddedColumns,
      offset: floats * 4,
      name: WEIGHT_NAMES[index] as string,
    };
    floats += paddedRows * paddedColumns;
    return plan;
  });
  return { weights, floats };
}

function checkShape(shape: LstmShape, batch: number): void {
  for (const [name, value] of Object.entries({ ...shape, activation: 1, batch })) {
    if (!Number.isInteger(value) || value < 1 || value > 65_536) {
      throw new LinnetError('config.invalid', `lstm.${name}: ${value} is no whole number from 1 to 65536`);
    }
  }
}

/** Columns come in panels of eight. */
function pad(columns: number): number {
  return (columns + 7) & ~7;
}
