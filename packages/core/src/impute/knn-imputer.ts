import { defineComponent } from '../base/component.ts';
import { choice, flag, integer } from '../base/param.ts';
import { KnnImputer } from './knn/imputer.ts';

/**
 * Fills gaps in a table from the rows most like the one with the gap: the mean of its nearest neighbours that have the
 * value.
 *
 * Use it where columns go together, such as humidity with temperature. Do not use it where columns have unlike scales that
 * mean nothing (the widest decides who is near: scale first), nor on a stream (see statisticImputer).
 *
 * `create()` gives a KnnImputer: `fit(x, rows, columns)`, then `transform(x, rows)`: a new table; x is row-major. Missing are NaN and
 * infinities. The distance is nan-Euclidean: √(sum of squared differences over the columns that both rows have ×
 * columns / shared). Of equally near rows those with the lower numbers count. Fewer donors than `neighbors`: all of them. No
 * donor that shares a column: the column's mean. A column that is wholly missing stays missing, or becomes 0 with `fillEmpty`.
 * Cost: near rows are found by an exact pruned search; the PurpleAir snapshot (25,552 x 15, 1,100 rows with gaps) takes about
 * 50 ms, independent columns, which leave nothing to prune, as much as 16 looks at 32-bit floats a nanosecond. State: the table twice.
 * Throws `data.empty` for no rows or columns, `data.invalid` for a table of another width.
 *
 * Troyanskaya et al., "Missing value estimation methods for DNA microarrays", 2001. Same numbers as scikit-learn 1.9.1 KNNImputer.
 * Departures: where donors tie at the last place, scikit-learn takes those that NumPy's partition happens to leave; it
 * refuses infinities; it drops a wholly missing column.
 *
 * @example
 * const imputer = knnImputer({ neighbors: 2 }).create();
 * const x = Float64Array.of(1, 2, NaN, 3, 4, 3, NaN, 6, 5, 8, 8, 7);
 * imputer.fit(x, 4, 3);
 * [...imputer.transform(x, 4)].join(' '); // '1 2 4 3 4 3 5.5 6 5 8 8 7'
 */
export const knnImputer = defineComponent({
  name: 'knn-imputer',
  stage: 'impute',
  summary: 'fills gaps with the mean of the most similar rows',
  source: 'scikit-learn 1.9.1 KNNImputer; Troyanskaya et al., 2001',
  params: {
    neighbors: integer({ summary: 'rows that a value is the mean of', default: 5, min: 1 }),
    weights: choice(['uniform', 'distance'], {
      summary: 'whether neighbours count alike or by the inverse of their distance',
      default: 'uniform',
    }),
    fillEmpty: flag({ summary: 'whether a wholly missing column becomes 0', default: false }),
  },
  features: () => [],
  create: (params) => new KnnImputer(params),
});
