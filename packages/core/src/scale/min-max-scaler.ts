import { defineComponent } from '../base/component.ts';
import type { OnlineTransformer } from '../base/model.ts';
import { names } from '../base/param.ts';
import { isMissing } from '../math/missing.ts';
import { bytesOf, restoreInto, snapshotOf } from '../math/statistic.ts';

const NAME = 'min-max-scaler';
const VERSION = 1;

/**
 * Maps each feature to 0 .. 1 by the least and the greatest value so far.
 *
 * Use it before half-space trees where the range of a feature is not known. Do not use it where single outliers are huge: one
 * of them squeezes all others together for good. Learn a reading, then transform it; one beyond all that was learned comes
 * out below 0 or above 1. Missing values stay missing (NaN) and are not learned; infinities are missing. A constant feature
 * becomes 0. Cost: two comparisons and 16 bytes of state a feature.
 *
 * River 0.26.1 `preprocessing.MinMaxScaler`, equal to the bit. Departure: before the first value it gives 0, not NaN.
 *
 * @example
 * const scaler = minMaxScaler({ features: ['t'] }).create();
 * for (const t of [10, 30]) scaler.learnOne([t]);
 * const scaled = new Float64Array(1);
 * scaler.transformOne([15], scaled);
 * scaled[0]; // 0.25
 */
export const minMaxScaler = defineComponent({
  name: NAME,
  stage: 'scale',
  summary: 'maps each feature to 0 .. 1 by the least and greatest value so far',
  source: 'River 0.26.1 preprocessing.MinMaxScaler',
  params: { features: names({ summary: 'features to scale' }) },
  features: ({ features }) => features,
  create: (params): OnlineTransformer => new MinMaxScaler(params),
});

class MinMaxScaler implements OnlineTransformer {
  private readonly identity: string;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private readonly parts: readonly [{ readonly state: readonly Float64Array[] }];

  constructor(params: { features: readonly string[] }) {
    this.identity = JSON.stringify(params);
    this.low = new Float64Array(params.features.length).fill(Infinity);
    this.high = new Float64Array(params.features.length).fill(-Infinity);
    this.parts = [{ state: [this.low, this.high] }];
  }

  get bytes(): number {
    return bytesOf(this.parts);
  }

  /** True once every feature has two different values. */
  get ready(): boolean {
    return this.low.every((low, i) => low < (this.high[i] as number));
  }

  learnOne(x: ArrayLike<number>): void {
    const { low, high } = this;
    for (let i = 0; i < low.length; i++) {
      const value = x[i] as number;
      if (isMissing(value)) continue;
      if (value < (low[i] as number)) low[i] = value;
      if (value > (high[i] as number)) high[i] = value;
    }
  }

  transformOne(x: ArrayLike<number>, out: Float64Array): void {
    for (let i = 0; i < this.low.length; i++) {
      const value = x[i] as number;
      const low = this.low[i] as number;
      const range = (this.high[i] as number) - low;
      if (isMissing(value)) out[i] = NaN;
      else out[i] = range > 0 ? (value - low) / range : 0;
    }
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    return snapshotOf(NAME, VERSION, this.identity, this.parts);
  }

  restore(bytes: Uint8Array): void {
    restoreInto(bytes, NAME, VERSION, this.identity, this.parts);
  }
}
