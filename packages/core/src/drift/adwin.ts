import { defineComponent } from '../base/component.ts';
import type { DriftDetector } from '../base/model.ts';
import { integer, number } from '../base/param.ts';
import { isMissing } from '../math/missing.ts';
import { AdaptiveWindow, type AdaptiveWindowParams } from './adwin/adaptive-window.ts';
import { bytesOf, restoreInto, snapshotOf } from '../math/statistic.ts';

const NAME = 'adwin';
const VERSION = 1;

/**
 * ADWIN, adaptive windowing: a window that grows while the mean is steady; where two parts of it differ by more than chance
 * allows, drift is detected.
 *
 * Use it for shifts of a level of unknown scale, with a bound on false alarms (`delta`). Do not use it for values far outside
 * [0, 1] where that bound matters: it is proved for bounded values. After a detection it starts anew with the next value.
 * Missing values (NaN and infinities) are skipped. Cost: constant, at each `clock`-th value logarithmic in the window; state
 * 4.2 KB with 5 buckets a row, enough for 2^40 values.
 *
 * River 0.26.1 `drift.ADWIN`: the same detections, width, total and variance to the bit. Bifet and Gavaldà, Learning from
 * time-changing data with adaptive windowing, 2007.
 *
 * @example
 * const detector = adwin({}).create();
 * const level = (i: number) => (i % 2) + (i < 500 ? 0 : 5);
 * Array.from({ length: 600 }, (_, i) => i).find((i) => detector.update(level(i))); // 511
 */
export const adwin = defineComponent({
  name: NAME,
  stage: 'drift',
  summary: 'shift of the mean by a window that adapts its length',
  source: 'River 0.26.1 drift.ADWIN; Bifet and Gavaldà, 2007',
  params: {
    delta: number({ summary: 'chance of a false alarm', default: 0.002, min: 1e-12, max: 1 }),
    clock: integer({ summary: 'values from one check to the next', default: 32, min: 1 }),
    bucketsMax: integer({
      summary: 'buckets of each size before two are merged',
      default: 5,
      min: 1,
      max: 100,
    }),
    partMin: integer({ summary: 'values in the smaller part of a cut', default: 5, min: 1 }),
    grace: integer({ summary: 'values before a detection', default: 10, min: 1 }),
  },
  features: () => ['value'],
  create: (params): DriftDetector & AdwinWindow => new Adwin(params),
});

/** What can be seen of the window. */
export interface AdwinWindow {
  readonly width: number;
  readonly total: number;
  readonly mean: number;
  readonly variance: number;
}

class Adwin implements DriftDetector, AdwinWindow {
  private readonly params: AdaptiveWindowParams;
  private readonly window: AdaptiveWindow;
  /** 1 after a detection. */
  private readonly detected = new Float64Array(1);
  private readonly parts;

  constructor(params: AdaptiveWindowParams) {
    this.params = params;
    this.window = new AdaptiveWindow(params);
    this.parts = [this.window, { state: [this.detected] }];
  }

  /** Values in the window. */
  get width(): number {
    return this.window.width;
  }

  /** Sum of the values in the window. */
  get total(): number {
    return this.window.total;
  }

  /** Mean of the window; 0 where it is empty. */
  get mean(): number {
    return this.width === 0 ? 0 : this.total / this.width;
  }

  /** What River calls the variance: the sum of squared deviations within the window. */
  get variance(): number {
    return this.window.variance;
  }

  get bytes(): number {
    return bytesOf(this.parts);
  }

  get ready(): boolean {
    return this.width > this.params.grace;
  }

  update(value: number): boolean {
    if (isMissing(value)) return false;
    if (this.detected[0] === 1) this.window.reset();
    this.window.insert(value);
    const drifted = this.window.cut();
    this.detected[0] = drifted ? 1 : 0;
    return drifted;
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    return snapshotOf(NAME, VERSION, JSON.stringify(this.params), this.parts);
  }

  restore(bytes: Uint8Array): void {
    restoreInto(bytes, NAME, VERSION, JSON.stringify(this.params), this.parts);
  }
}
