import { defineComponent } from '../base/component.ts';
import type { OnlineTransformer } from '../base/model.ts';
import { names } from '../base/param.ts';
import { isMissing } from '../math/missing.ts';
import { bytesOf, restoreInto, snapshotOf } from '../math/statistic.ts';

const NAME = 'standard-scaler';
const VERSION = 1;

/**
 * Shifts and scales each feature to mean 0 and standard deviation 1, by its running mean and population variance.
 *
 * Use it before models that weigh features by their size. Do not use it to find anomalies: a reading that was learned before
 * it is scaled never lies further than √(n - 1) from 0 (see `zScoreMax`). Learn a reading, then transform it.
 * Missing values stay missing (NaN) and are not learned; infinities are missing. A constant feature becomes 0.
 * Cost: a few operations and 24 bytes of state a feature.
 *
 * River 0.26.1 `preprocessing.StandardScaler` to 1e-12 (its root is a power of 0.5); after the last row it has the mean and scale of scikit-learn 1.9.1's
 * `StandardScaler` to 1e-12.
 *
 * @example
 * const scaler = standardScaler({ features: ['t'] }).create();
 * for (const t of [23.3, 23.5, 24.1, 50, 23.7]) scaler.learnOne([t]);
 * const z = new Float64Array(1);
 * scaler.transformOne([50], z);
 * z[0].toFixed(5); // '1.99937'
 */
export const standardScaler = defineComponent({
  name: NAME,
  stage: 'scale',
  summary: 'scales each feature to mean 0 and standard deviation 1',
  source: 'River 0.26.1 preprocessing.StandardScaler; scikit-learn 1.9.1 StandardScaler',
  params: { features: names({ summary: 'features to scale' }) },
  features: ({ features }) => features,
  create: (params): OnlineTransformer => new StandardScaler(params),
});

class StandardScaler implements OnlineTransformer {
  private readonly identity: string;
  private readonly count: Float64Array;
  private readonly mean: Float64Array;
  private readonly variance: Float64Array;
  private readonly parts: readonly [{ readonly state: readonly Float64Array[] }];

  constructor(params: { features: readonly string[] }) {
    this.identity = JSON.stringify(params);
    const columns = params.features.length;
    this.count = new Float64Array(columns);
    this.mean = new Float64Array(columns);
    this.variance = new Float64Array(columns);
    this.parts = [{ state: [this.count, this.mean, this.variance] }];
  }

  get bytes(): number {
    return bytesOf(this.parts);
  }

  /** True once every feature has a spread to scale by, or could have one. */
  get ready(): boolean {
    return this.count.every((n) => n > 1);
  }

  learnOne(x: ArrayLike<number>): void {
    const { count, mean, variance } = this;
    for (let i = 0; i < count.length; i++) {
      const value = x[i] as number;
      if (isMissing(value)) continue;
      const n = (count[i] as number) + 1;
      const before = mean[i] as number;
      const after = before + (value - before) / n;
      const spread = variance[i] as number;
      count[i] = n;
      mean[i] = after;
      variance[i] = spread + ((value - before) * (value - after) - spread) / n;
    }
  }

  transformOne(x: ArrayLike<number>, out: Float64Array): void {
    for (let i = 0; i < this.count.length; i++) {
      const value = x[i] as number;
      const variance = this.variance[i] as number;
      if (isMissing(value)) out[i] = NaN;
      else out[i] = variance > 0 ? (value - (this.mean[i] as number)) / Math.sqrt(variance) : 0;
    }
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    return snapshotOf(NAME, VERSION, this.identity, this.parts);
  }

  restore(bytes: Uint8Array): void {
    restoreInto(bytes, NAME, VERSION, this.identity, this.parts);
  }
}
