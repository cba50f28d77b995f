import { defineComponent } from '../base/component.ts';
import { integer, number, flag, wordOr } from '../base/param.ts';
import { IsolationForest } from './isolation/forest.ts';

/**
 * Finds the rows of a table that random cuts set apart soonest: anomalies are few and different.
 *
 * Use it for a snapshot of a fleet with many columns of any scale and distribution, without labels. Do not use it for one
 * column (a z-score says the same more plainly), for anomalies that are strange in combination alone, or for time series
 * as they are. Columns need no scaling; columns that are copies of each other weigh double.
 *
 * `create()` gives an IsolationForest: `fit(x, rows, columns)`, `scoreSamples(x, rows)`: one score a row in [-1, 0), the lower
 * the stranger; `predict`: -1 for an anomaly, which is a score below `offset`, 1 otherwise; `explain(row)`: how much each column
 * shortened the row's path; `save()` bytes and `loadIsolationForest(bytes)`. x is row-major.
 * A missing value (NaN, an infinity, or beyond 32-bit floats) goes down the side that the tree drew for it. A constant column
 * is never cut. One row scores -0.5.
 * Cost: fit is O(trees maxSamples log maxSamples) plus one score of every row for its offset; a score is `trees` walks of at most
 * log2 maxSamples steps, 0.3 µs of them a row; 100 trees of 256 rows hold about 1 MB.
 * Throws `data.empty` for no rows or columns, `data.invalid` for a table of another width.
 *
 * Liu, Ting and Zhou, "Isolation forest", ICDM 2008. Same trees and same scores to the bit as scikit-learn 1.9.1
 * IsolationForest(random_state=seed) with NumPy 2.4.6 on a processor with AVX-512 (elsewhere NumPy's own power differs in the last
 * bit). Departures: infinities are missing, there they are values; a maxSamples beyond the rows is cut to them without a
 * warning.
 *
 * @example
 * const forest = isolationForest({ seed: 42 }).create();
 * const x = Float64Array.of(20, 21, 20.5, 19.5, 20, 35, 21, 20);
 * forest.fit(x, 8, 1);
 * forest.scoreSamples(x, 8).indexOf(Math.min(...forest.scoreSamples(x, 8))); // 5
 */
export const isolationForest = defineComponent({
  name: 'isolation-forest',
  stage: 'model',
  summary: 'rows that random cuts of a table set apart soonest',
  source: 'scikit-learn 1.9.1 IsolationForest; Liu, Ting and Zhou, 2008',
  params: {
    trees: integer({ summary: 'number of trees', default: 100, min: 1, max: 100_000 }),
    maxSamples: wordOr(
      'auto',
      integer({ summary: 'rows that a tree is grown from; auto: at most 256', min: 1 }),
      'auto',
    ),
    contamination: wordOr(
      'auto',
      number({
        summary: 'share of anomalies in the data; auto: all that score below -0.5',
        min: 0,
        max: 0.5,
      }),
      'auto',
    ),
    maxFeatures: wordOr('all', integer({ summary: 'columns that a tree is grown from', min: 1 }), 'all'),
    bootstrap: flag({ summary: 'whether a tree may draw a row twice', default: false }),
    seed: integer({ summary: 'seed of all random draws', default: 42, min: 0, max: 2 ** 32 - 1 }),
  },
  features: () => [],
  create: (params) => new IsolationForest(params),
});
