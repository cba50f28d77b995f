import { defineComponent } from '../base/component.ts';
import type { DriftDetector } from '../base/model.ts';
import { choice, integer, number } from '../base/param.ts';
import { Mean } from '../math/mean.ts';
import { isMissing } from '../math/missing.ts';
import { bytesOf, restoreInto, snapshotOf, type Remembering } from '../math/statistic.ts';

const NAME = 'page-hinkley';
const VERSION = 1;
const modes = ['up', 'down', 'both'] as const;

interface Params {
  readonly grace: number;
  readonly delta: number;
  readonly threshold: number;
  readonly alpha: number;
  readonly mode: (typeof modes)[number];
}

/**
 * Page-Hinkley test: a shift of the mean, by the sum of deviations from the running mean.
 *
 * Use it for a lasting shift of the level in known units. Do not use it where the scale is unknown: `threshold` and `delta` are
 * in units of the value. After a detection it starts anew with the next value. Missing values (NaN and infinities) are
 * skipped. Cost: constant, 56 bytes of state.
 *
 * River 0.26.1 `drift.PageHinkley`, the same detections; its `min_instances` is `grace`.
 *
 * @example
 * const detector = pageHinkley({ threshold: 10 }).create();
 * const level = (i: number) => (i < 50 ? 0 : 3);
 * Array.from({ length: 60 }, (_, i) => i).find((i) => detector.update(level(i))); // 53
 */
export const pageHinkley = defineComponent({
  name: NAME,
  stage: 'drift',
  summary: 'shift of the mean by a cumulative sum',
  source: 'River 0.26.1 drift.PageHinkley',
  params: {
    grace: integer({ summary: 'values before a detection', default: 30, min: 1 }),
    delta: number({ summary: 'change that is tolerated, in units of the value', default: 0.005, min: 0 }),
    threshold: number({ summary: 'sum of deviations that means drift', default: 50, min: 0 }),
    alpha: number({ summary: 'forgetting factor of the sums', default: 1 - 0.0001, min: 0, max: 1 }),
    mode: choice(modes, { summary: 'which shifts count', default: 'both' }),
  },
  features: () => ['value'],
  create: (params): DriftDetector => new PageHinkley(params),
});

class PageHinkley implements DriftDetector {
  private readonly params: Params;
  private readonly mean = new Mean();
  /** Sums that grow upwards and downwards, the least of the first, the greatest of the second, and 1 after a detection. */
  private readonly sums = new Float64Array(5);
  private readonly parts: readonly Remembering[] = [this.mean, { state: [this.sums] }];

  constructor(params: Params) {
    this.params = params;
    this.reset();
  }

  get bytes(): number {
    return bytesOf(this.parts);
  }

  get ready(): boolean {
    return this.mean.n >= this.params.grace;
  }

  update(value: number): boolean {
    if (isMissing(value)) return false;
    const { sums, mean } = this;
    const { alpha, delta, threshold, mode } = this.params;
    if (sums[4] === 1) this.reset();
    mean.update(value);
    const deviation = value - mean.value;
    const up = alpha * (sums[0] as number) + deviation - delta;
    const down = alpha * (sums[1] as number) + deviation + delta;
    sums[0] = up;
    sums[1] = down;
    if (up < (sums[2] as number)) sums[2] = up;
    if (down > (sums[3] as number)) sums[3] = down;
    if (!this.ready) return false;
    const risen = mode !== 'down' && up - (sums[2] as number) > threshold;
    const fallen = mode !== 'up' && (sums[3] as number) - down > threshold;
    sums[4] = risen || fallen ? 1 : 0;
    return risen || fallen;
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    return snapshotOf(NAME, VERSION, JSON.stringify(this.params), this.parts);
  }

  restore(bytes: Uint8Array): void {
    restoreInto(bytes, NAME, VERSION, JSON.stringify(this.params), this.parts);
  }

  private reset(): void {
    this.mean.reset();
    // The greatest sum downwards starts at -1, as in River.
    this.sums.set([0, 0, Infinity, -1, 0]);
  }
}
