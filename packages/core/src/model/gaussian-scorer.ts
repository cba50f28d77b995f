import { defineComponent } from '../base/component.ts';
import { LinnetError } from '../base/error.ts';
import type { OnlineModel } from '../base/model.ts';
import { integer, names, number } from '../base/param.ts';
import { erf } from '../math/erf.ts';
import { DeviationModel, graceBeyond } from './deviation/deviation-model.ts';
import { AllValues, LastValues } from './deviation/reference.ts';

const NAME = 'gaussian-scorer';

/**
 * How much of a normal distribution, fitted to the past of a feature, lies nearer to its mean than the reading does.
 *
 * Use it where values scatter normally around a level and a score within 0 .. 1 is wanted: 0.995 means that five readings
 * in a thousand lie farther out. Do not use it for skewed values, such as particle counts.
 *
 * Score: 0 for the first `grace` readings (`ready`), then 2 |CDF(x) - 0.5|; of several features the greatest. Missing values
 * (NaN and infinities) are skipped; a vector that is wholly missing scores NaN. Where all past values are the same the score
 * is 0, unless `spreadMin` says what difference matters.
 * Cost: constant; state a feature 32 bytes, and 8 bytes a reading of the window.
 *
 * River 0.26.1 `anomaly.GaussianScorer` to 1e-12. Departure: without any spread River scores 1, the usual value included.
 *
 * @example
 * const model = gaussianScorer({ features: ['t'], grace: 4 }).create();
 * for (const t of [20, 22, 20, 22]) model.learnOne([t]);
 * model.scoreOne([24]).toFixed(4); // '0.9906'
 */
export const gaussianScorer = defineComponent({
  name: NAME,
  stage: 'model',
  summary: 'share of a fitted normal distribution that lies nearer to the mean',
  source: 'River 0.26.1 anomaly.GaussianScorer',
  params: {
    features: names({ summary: 'features to look at; the score is that of the strangest' }),
    window: integer({ summary: 'readings that make the past; 0: all', default: 0, min: 0, max: 1e6 }),
    grace: integer({ summary: 'readings of a feature before it scores', default: 100, min: 2 }),
    spreadMin: number({
      summary: 'least standard deviation, such as the sensor’s resolution',
      default: 0,
      min: 0,
    }),
  },
  features: ({ features }) => features,
  check({ grace, window }) {
    const wrong = window === 0 ? undefined : graceBeyond(NAME, grace, window);
    if (wrong !== undefined) throw new LinnetError('config.invalid', wrong);
  },
  create: (params): OnlineModel =>
    new DeviationModel({
      name: NAME,
      identity: JSON.stringify(params),
      references: params.features.map(() =>
        params.window === 0 ? new AllValues(1) : new LastValues(params.window, 1),
      ),
      grace: params.grace,
      spreadMin: params.spreadMin,
      score: (deviation) => 2 * Math.abs(0.5 * (1 + erf(deviation / Math.SQRT2)) - 0.5),
    }),
});
