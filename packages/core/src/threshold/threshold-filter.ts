import { defineComponent } from '../base/component.ts';
import { LinnetError } from '../base/error.ts';
import { modelSpec } from '../base/model-spec.ts';
import type { AnomalyFilter } from '../base/model.ts';
import { flag, number } from '../base/param.ts';
import { Constant } from '../math/last.ts';
import { Filter } from './filter/filter.ts';

const NAME = 'threshold-filter';

/**
 * A model with a fixed limit: a score of `threshold` or more is anomalous.
 *
 * Use it where a score means the same on all days. With `protect` the model does not learn what was anomalous, so that
 * sporadic anomalies do not become normal. Do not protect where levels shift for good: the new level would stay anomalous for
 * ever. No verdict is given before the model is `ready`, nor on a score that is NaN; a vector that is wholly missing is not
 * learned. Cost: the model's own, scoring once more at each learning.
 *
 * River 0.26.1 `anomaly.ThresholdFilter`. Departure: with protection off River never learns anything at all, so that all its
 * scores stay 0; here the model then learns everything.
 *
 * @example
 * const trees = halfSpaceTrees({ features: ['x'], window: 20 });
 * const filter = thresholdFilter({ model: trees, threshold: 0.8 }).create();
 * for (let i = 0; i < 20; i++) filter.learnOne([0.4 + (i % 3) / 100]);
 * [0.41, 0.95].map((x) => filter.isAnomaly(filter.scoreOne([x]))); // [ false, true ]
 */
export const thresholdFilter = defineComponent({
  name: NAME,
  stage: 'threshold',
  summary: 'a model with a fixed limit for its score',
  source: 'River 0.26.1 anomaly.ThresholdFilter',
  params: {
    model: modelSpec({ summary: 'the model whose score is judged' }),
    threshold: number({ summary: 'score from which a reading is anomalous' }),
    protect: flag({ summary: 'whether anomalous readings are kept from the model', default: true }),
  },
  features: ({ model: { features } }) => features,
  check({ threshold }) {
    if (threshold > 0) return;
    throw new LinnetError(
      'config.invalid',
      `${NAME}.threshold: ${threshold} would make every reading anomalous; take one above 0`,
    );
  },
  create: (params): AnomalyFilter => new Filter(NAME, params, new Constant(params.threshold)),
});
