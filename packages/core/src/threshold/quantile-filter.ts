import { defineComponent } from '../base/component.ts';
import { modelSpec } from '../base/model-spec.ts';
import type { AnomalyFilter } from '../base/model.ts';
import { flag, number } from '../base/param.ts';
import { RunningQuantile } from '../math/running-quantile.ts';
import { Filter } from './filter/filter.ts';

const NAME = 'quantile-filter';

/**
 * A model whose limit is a running quantile of its own scores: about 1 - q of all readings become anomalous.
 *
 * Use it where nobody knows what score is high, and some share of readings may always be looked at. Do not use it where most
 * days have no anomaly: it finds its share all the same. With `protect` the model does not learn what was anomalous; the
 * quantile does. No verdict is given before the model is `ready`, while the quantile is 0, nor on a score that is NaN; a
 * vector that is wholly missing is not learned. Cost: the model's own, scoring once more at each learning, and 136 bytes.
 *
 * River 0.26.1 `anomaly.QuantileFilter`, equal to the bit.
 *
 * @example
 * const scorer = zScore({ features: ['x'], grace: 30 });
 * const filter = quantileFilter({ model: scorer, q: 0.9 }).create();
 * for (let i = 0; i < 100; i++) filter.learnOne([i % 10]);
 * [5, 50].map((x) => filter.isAnomaly(filter.scoreOne([x]))); // [ false, true ]
 */
export const quantileFilter = defineComponent({
  name: NAME,
  stage: 'threshold',
  summary: 'a model whose limit is a running quantile of its scores',
  source: 'River 0.26.1 anomaly.QuantileFilter',
  params: {
    model: modelSpec({ summary: 'the model whose score is judged' }),
    q: number({
      summary: 'share of scores that are not anomalous',
      default: 0.95,
      min: 0.001,
      max: 0.999999,
    }),
    protect: flag({ summary: 'whether anomalous readings are kept from the model', default: true }),
  },
  features: ({ model: { features } }) => features,
  create: (params): AnomalyFilter => new Filter(NAME, params, new RunningQuantile(params.q)),
});
