import type { Rng } from '../../base/rng.ts';
import type { LstmShape } from './layout.ts';

/**
 * Weights to start from, as Keras draws them: kernels Glorot uniform, recurrent kernels orthogonal, biases zero but one at
 * the forget gate. Keras' rules, not its random numbers.
 */
export function initialWeights({ features, units }: LstmShape, rng: Rng): Float32Array<ArrayBuffer>[] {
  const gates = units * 4;
  const bias = Float32Array.from({ length: gates }, (_, j) => (j >= units && j < 2 * units ? 1 : 0));
  return [
    glorot(features, gates, rng),
    orthogonal(units, gates, rng),
    bias,
    glorot(units, gates, rng),
    orthogonal(units, gates, rng),
    bias.slice(),
    glorot(units, features, rng),
    new Float32Array(features),
  ];
}

function glorot(rows: number, columns: number, rng: Rng): Float32Array<ArrayBuffer> {
  const limit = Math.sqrt(6 / (rows + columns));
  return Float32Array.from({ length: rows * columns }, () => (rng.random() * 2 - 1) * limit);
}

/** Rows of length one at right angles to each other: Gram-Schmidt on normal numbers, twice for the last digits. */
function orthogonal(rows: number, columns: number, rng: Rng): Float32Array<ArrayBuffer> {
  const matrix: Float64Array[] = [];
  for (let i = 0; i < rows; i++) {
    const row = Float64Array.from({ length: columns }, () => normal(rng));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of matrix) {
        const along = dot(row, other);
        for (let j = 0; j < columns; j++) row[j] = (row[j] as number) - along * (other[j] as number);
      }
    }
    const length = Math.sqrt(dot(row, row));
    matrix.push(row.map((value) => value / length));
  }
  return Float32Array.from(matrix.flatMap((row) => [...row]));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number);
  return sum;
}

/** Box and Muller. */
function normal(rng: Rng): number {
  const radius = Math.sqrt(-2 * Math.log(1 - rng.random()));
  return radius * Math.cos(2 * Math.PI * rng.random());
}
