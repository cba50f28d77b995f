import { defineComponent } from '../base/component.ts';
import { LinnetError } from '../base/error.ts';
import type { AnomalyFilter } from '../base/model.ts';
import { choice, integer, names, number } from '../base/param.ts';
import { zScoreMax } from '../math/z-score-max.ts';
import { DeviationModel, graceBeyond } from './deviation/deviation-model.ts';
import { FadingValues, LastValues, MedianOfLast, type Reference } from './deviation/reference.ts';

const NAME = 'z-score';
const kinds = ['rolling', 'exponential', 'robust'] as const;

interface Params {
  readonly features: readonly string[];
  readonly kind: (typeof kinds)[number];
  readonly window: number;
  readonly fading: number;
  readonly threshold: number;
  readonly grace: number;
  readonly spreadMin: number;
}

/**
 * |z|: how many standard deviations a reading lies from its own past; of several features the greatest.
 *
 * Use it for a level that is steady or drifts slowly: `rolling` weighs the last `window` readings alike, `exponential` forgets
 * smoothly and holds almost nothing, `robust` (median and median absolute deviation) is not pulled by the anomalies
 * themselves. Do not use it for daily cycles, or for anomalies that are normal in each feature alone.
 *
 * Score: 0 for the first `grace` readings (`ready`), then |z|; `isAnomaly` from above `threshold`. Missing values (NaN and
 * infinities) are skipped; a vector that is wholly missing scores NaN. Where all past values are the same there is nothing to
 * measure with and the score is 0, unless `spreadMin` says what difference matters.
 * `reachable`: a reading that is scored before it is learned, as flows do, can have any |z|. One that is learned first is
 * among the n readings of its own mean and |z| <= √(n - 1); false says that with this window it never exceeds the threshold.
 * Cost: constant (`robust`: window / 2 steps); state a feature: 8 bytes a reading of the window (robust 16), exponential 32.
 *
 * Standard deviation of the population (divisor n), as scikit-learn's StandardScaler; robust as Iglewicz and Hoaglin, 1993.
 *
 * @example
 * const model = zScore({ features: ['t'], window: 4, grace: 4 }).create();
 * for (const t of [20, 22, 20, 22]) model.learnOne([t]);
 * model.scoreOne([26]); // 5
 */
export const zScore = defineComponent({
  name: NAME,
  stage: 'model',
  summary: 'distance of a reading from its own past in standard deviations',
  source: 'population standard deviation as scikit-learn 1.9.1 StandardScaler; Iglewicz and Hoaglin, 1993',
  params: {
    features: names({ summary: 'features to look at; the score is that of the strangest' }),
    kind: choice(kinds, { summary: 'how the past is weighed', default: 'rolling' }),
    window: integer({
      summary: 'readings that make the past (rolling, robust)',
      default: 100,
      min: 2,
      max: 1e6,
    }),
    fading: number({
      summary: 'weight of the newest reading (exponential)',
      default: 0.05,
      min: 1e-6,
      max: 1,
    }),
    threshold: number({ summary: '|z| above which a reading is anomalous', default: 2, min: 0 }),
    grace: integer({ summary: 'readings of a feature before it scores', default: 30, min: 2 }),
    spreadMin: number({
      summary: 'least standard deviation, such as the sensor’s resolution',
      default: 0,
      min: 0,
    }),
  },
  features: ({ features }) => features,
  check({ kind, grace, window }) {
    const wrong = kind === 'exponential' ? undefined : graceBeyond(NAME, grace, window);
    if (wrong !== undefined) throw new LinnetError('config.invalid', wrong);
  },
  create: (params): AnomalyFilter & Reach => new ZScore(params),
});

/** What the window allows. */
export interface Reach {
  /** Whether |z| of a reading that is among the readings of its own mean can exceed the threshold. */
  readonly reachable: boolean;
}

class ZScore implements AnomalyFilter, Reach {
  readonly reachable: boolean;
  private readonly model: DeviationModel;
  private readonly threshold: number;

  constructor(params: Params) {
    const { features, threshold, grace, spreadMin } = params;
    this.threshold = threshold;
    this.reachable = params.kind !== 'rolling' || zScoreMax(params.window) > threshold;
    this.model = new DeviationModel({
      name: NAME,
      identity: JSON.stringify(params),
      references: features.map(() => referenceOf(params)),
      grace,
      spreadMin,
      score: (deviation) => deviation,
    });
  }

  get bytes(): number {
    return this.model.bytes;
  }

  get ready(): boolean {
    return this.model.ready;
  }

  isAnomaly(score: number): boolean {
    return this.ready && score > this.threshold;
  }

  scoreOne(x: ArrayLike<number>): number {
    return this.model.scoreOne(x);
  }

  learnOne(x: ArrayLike<number>): void {
    this.model.learnOne(x);
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    return this.model.snapshot();
  }

  restore(bytes: Uint8Array): void {
    this.model.restore(bytes);
  }
}

function referenceOf({ kind, window, fading }: Params): Reference {
  switch (kind) {
    case 'rolling':
      return new LastValues(window, 0);
    case 'exponential':
      return new FadingValues(fading);
    case 'robust':
      return new MedianOfLast(window);
  }
}
