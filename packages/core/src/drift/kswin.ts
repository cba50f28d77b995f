import { defineComponent } from '../base/component.ts';
import { LinnetError } from '../base/error.ts';
import type { DriftDetector } from '../base/model.ts';
import { integer, number } from '../base/param.ts';
import { smirnovP, smirnovStatistic } from '../math/smirnov.ts';
import { isMissing } from '../math/missing.ts';
import { restoreInto, snapshotOf } from '../math/statistic.ts';
import { PythonRandom } from '../random/python-random.ts';

const NAME = 'kswin';
const VERSION = 1;
/** A smaller distance is never drift, however sure (River's constant). */
const STATISTIC_MIN = 0.1;
const RNG_WORDS = 625;

interface Params {
  readonly alpha: number;
  readonly window: number;
  readonly recent: number;
  readonly seed: number;
}

/**
 * KSWIN: the newest values of a sliding window against a random sample of its older ones, by the two-sample
 * Kolmogorov-Smirnov test.
 *
 * Use it where the distribution may change without its mean: spread, shape. Do not use it where each value counts: a test a
 * value costs about `recent` · log(`recent`) steps, and at a given `alpha` there is a false alarm now and then.
 * After a detection it starts anew with the next value. Missing values (NaN and infinities) are skipped.
 * State: 8 bytes a value of the window, and 5 KB of the generator.
 *
 * River 0.26.1 `drift.KSWIN`, the same detections, with Python's sample of that seed and SciPy 1.17.1's exact p-value.
 * Raab, Heusinger and Schleif, Reactive soft prototype computing for concept drift streams, 2020.
 *
 * @example
 * const detector = kswin({ seed: 1 }).create();
 * const value = (i: number) => ((i * 7) % 10) * (i < 200 ? 1 : 4);
 * Array.from({ length: 300 }, (_, i) => i).find((i) => detector.update(value(i))); // 219
 */
export const kswin = defineComponent({
  name: NAME,
  stage: 'drift',
  summary: 'change of the distribution by a Kolmogorov-Smirnov test on a sliding window',
  source: 'River 0.26.1 drift.KSWIN; Raab, Heusinger and Schleif, 2020',
  params: {
    alpha: number({ summary: 'p-value at which a difference is drift', default: 0.005, min: 0, max: 1 }),
    window: integer({ summary: 'values in the sliding window', default: 100, min: 2, max: 1e6 }),
    recent: integer({
      summary: 'newest values, and size of the sample of older ones',
      default: 30,
      min: 1,
      max: 10000,
    }),
    seed: integer({ summary: 'seed of the sample', default: 42 }),
  },
  features: () => ['value'],
  check({ window, recent }) {
    if (2 * recent <= window) return;
    throw new LinnetError(
      'config.invalid',
      `${NAME}.recent: ${recent} of ${window} values leave fewer than ${recent} older ones; take at most ${window >> 1}`,
    );
  },
  create: (params): DriftDetector => new Kswin(params),
});

class Kswin implements DriftDetector {
  /** Of the last test; 1 before the first. */
  pValue = 1;
  private readonly params: Params;
  private readonly ring: Float64Array;
  /** Number of values held, where the next one goes, and 1 after a detection. */
  private readonly position = new Float64Array(3);
  private rng: PythonRandom;

  constructor(params: Params) {
    this.params = params;
    this.ring = new Float64Array(params.window);
    this.rng = new PythonRandom(params.seed);
  }

  get bytes(): number {
    return this.ring.byteLength + this.position.byteLength + 8 * RNG_WORDS;
  }

  get ready(): boolean {
    return this.position[0] === this.ring.length;
  }

  update(value: number): boolean {
    if (isMissing(value)) return false;
    const { ring, position } = this;
    if (position[2] === 1) this.reset();
    const next = position[1] as number;
    ring[next] = value;
    position[0] = Math.min(ring.length, (position[0] as number) + 1);
    position[1] = (next + 1) % ring.length;
    const drifted = this.ready && this.test();
    position[2] = drifted ? 1 : 0;
    return drifted;
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    const state = [this.position, this.ring, Float64Array.from(this.rng.state())];
    return snapshotOf(NAME, VERSION, JSON.stringify(this.params), [{ state }]);
  }

  restore(bytes: Uint8Array): void {
    const position = new Float64Array(3);
    const ring = new Float64Array(this.ring.length);
    const words = new Float64Array(RNG_WORDS);
    restoreInto(bytes, NAME, VERSION, JSON.stringify(this.params), [{ state: [position, ring, words] }]);
    this.rng.restoreState(words);
    this.position.set(position);
    this.ring.set(ring);
  }

  private test(): boolean {
    const { ring } = this;
    const { alpha, window, recent } = this.params;
    const oldest = this.position[1] as number;
    const sample = Float64Array.from(
      this.rng.sample(window - recent, recent),
      (i) => ring[(oldest + i) % window] as number,
    );
    const newest = Float64Array.from(
      { length: recent },
      (_, i) => ring[(oldest + window - recent + i) % window] as number,
    );
    const statistic = smirnovStatistic(sample.toSorted(), newest.toSorted());
    this.pValue = smirnovP(recent, statistic);
    return this.pValue <= alpha && statistic / recent > STATISTIC_MIN;
  }

  private reset(): void {
    this.position.fill(0);
    this.rng = new PythonRandom(this.params.seed);
  }
}
