import { LinnetError } from '../../base/error.ts';
import type { BatchImputer } from '../../base/model.ts';
import { isMissing } from '../../math/missing.ts';
import { pairwiseSum } from '../../math/pairwise-sum.ts';
import { arrangeDonors, type Donors } from './donors.ts';
import type { Nearest } from './nearest.ts';
import { Search } from './search.ts';

export interface KnnParams {
  readonly neighbors: number;
  readonly weights: 'uniform' | 'distance';
  readonly fillEmpty: boolean;
}

/** A configured imputer; see `knnImputer`. */
export class KnnImputer implements BatchImputer {
  readonly params: KnnParams;
  private donors: Donors | undefined;

  constructor(params: KnnParams) {
    this.params = params;
  }

  fit(x: Float64Array, rows: number, columns: number): void {
    if (rows === 0 || columns === 0) {
      throw new LinnetError(
        'data.empty',
        `knn-imputer: a table of ${rows} rows and ${columns} columns has nothing to learn from`,
      );
    }
    checkTable(x, rows, columns);
    this.donors = arrangeDonors(x.map(presentOrNaN), rows, columns);
  }

  transform(x: Float64Array, rows: number): Float64Array {
    const { donors } = this;
    if (donors === undefined) {
      throw new LinnetError('config.invalid', 'knn-imputer: it has learned nothing yet; call fit first');
    }
    const { width } = donors;
    checkTable(x, rows, width);
    const out = x.map(presentOrNaN);
    const search = new Search(donors, this.params.neighbors);
    const means = new Map<number, number>();
    const meanOf = (column: number) => {
      const mean = means.get(column) ?? columnMean(donors, column);
      means.set(column, mean);
      return mean;
    };
    for (let row = 0; row < rows; row++) {
      const one = out.subarray(row * width, (row + 1) * width);
      if (!one.some(Number.isNaN)) continue;
      const nearest = search.find(one);
      for (let column = 0; column < width; column++) {
        if (!Number.isNaN(one[column])) continue;
        const list = nearest[column] as Nearest;
        if (donors.present[column] === 0) {
          if (this.params.fillEmpty) one[column] = 0;
          continue;
        }
        one[column] = list.count > 0 ? this.average(donors, list, column) : meanOf(column);
      }
    }
    return out;
  }

  /** The mean of the neighbours' values, added in the order of nearness. */
  private average({ x, width }: Donors, { rows, distances, count }: Nearest, column: number): number {
    const valueOf = (i: number) => x[(rows[i] as number) * width + column] as number;
    let [sum, total] = [0, 0];
    for (let i = 0; i < count; i++) {
      const weight = this.params.weights === 'uniform' ? 1 : weightOf(distances, i);
      sum += weight * valueOf(i);
      total += weight;
    }
    return sum / total;
  }
}

/** 1 / distance; where the query has twins, at distance 0, they alone count. */
function weightOf(distances: Float64Array, i: number): number {
  const distance = distances[i] as number;
  if (distances[0] === 0) return distance === 0 ? 1 : 0;
  return 1 / distance;
}

function presentOrNaN(value: number): number {
  return isMissing(value) ? NaN : value;
}

/** NaN for a column without a value. */
function columnMean({ x, width, present }: Donors, column: number): number {
  const values = Float64Array.from(
    { length: x.length / width },
    (_, row) => x[row * width + column] as number,
  );
  return pairwiseSum(values.map((value) => (Number.isNaN(value) ? 0 : value))) / (present[column] as number);
}

function checkTable(x: Float64Array, rows: number, columns: number): void {
  if (x.length === rows * columns) return;
  throw new LinnetError(
    'data.invalid',
    `knn-imputer: ${x.length} values are not ${rows} rows of ${columns} columns`,
  );
}
