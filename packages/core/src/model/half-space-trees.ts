import { defineComponent } from '../base/component.ts';
import { LinnetError } from '../base/error.ts';
import type { OnlineModel } from '../base/model.ts';
import { integer, names, ranges } from '../base/param.ts';
import { HalfSpaceBank, type Shared } from './half-space/bank.ts';
import { growForest, type ForestShape } from './half-space/forest.ts';
import { LeafFinder } from './half-space/leaf-finder.ts';
import { PathSums } from './half-space/path-sums.ts';

/**
 * Half-space trees: an online isolation forest. Random cuts of each feature's plausible range make trees; a value that
 * reaches parts where few values of the last whole window were is strange.
 *
 * Use it on streams whose anomalies are spread out and whose range is known. Do not use it where anomalies come packed
 * within a window (they become the reference), or without limits: a feature that `limits` does not name is taken to lie in
 * [0, 1], and all values beyond a limit look the same.
 *
 * Score: 0 until the first window is whole (`ready`), then 0 to 1. NaN and infinities are missing: at a split on a missing
 * feature the side with more values is taken; a vector that is wholly missing is not learned and scores NaN.
 * Cost: one feature: a look-up and two additions a tree; more: a walk of each tree. State a key: trees * 2^height leaves of
 * 3 bytes each for a window up to 127 and a height of 8 (7.7 KB for 10 trees); the cuts are held once for all keys.
 *
 * River 0.26.1 `anomaly.HalfSpaceTrees`, equal to the bit. Departure: River grows its trees over the features of the first
 * record; here they are those of the configuration.
 *
 * @example
 * const model = halfSpaceTrees({ features: ['x'], trees: 5, height: 3, window: 3 }).create();
 * for (const x of [0.5, 0.45, 0.43, 0.44, 0.445, 0.45, 0]) model.learnOne([x]);
 * model.scoreOne([0]).toFixed(3); // '0.853'
 */
export const halfSpaceTrees = defineComponent({
  name: 'half-space-trees',
  stage: 'model',
  summary: 'online isolation forest over random cuts of each feature’s range',
  source:
    'River 0.26.1 anomaly.HalfSpaceTrees; Tan, Ting and Liu, Fast Anomaly Detection for Streaming Data, 2011',
  params: {
    features: names({ summary: 'features to look at' }),
    trees: integer({ summary: 'number of trees', default: 10, min: 1, max: 1000 }),
    height: integer({ summary: 'height of each tree', default: 8, min: 1, max: 16 }),
    window: integer({
      summary: 'readings whose masses make the reference',
      default: 250,
      min: 1,
      max: 2 ** 24,
    }),
    limits: ranges({
      summary: 'plausible range of each feature; [0, 1] for one that is not named',
      default: {},
    }),
    seed: integer({ summary: 'seed of the cuts', default: 42 }),
  },
  features: ({ features }) => features,
  check({ features, limits }) {
    const unknown = Object.keys(limits).find((name) => !features.includes(name));
    if (unknown === undefined) return;
    throw new LinnetError(
      'config.invalid',
      `half-space-trees.limits: ${unknown} is none of its features ${features.join(', ')}`,
    );
  },
  create: (params): OnlineModel => new HalfSpaceTrees(bankOf(params)),
  bank: bankOf,
});

/** A bank of one slot. */
class HalfSpaceTrees implements OnlineModel {
  private readonly bank: HalfSpaceBank;

  constructor(bank: HalfSpaceBank) {
    this.bank = bank;
    bank.reserve(1);
  }

  get bytes(): number {
    return this.bank.bytesPerSlot;
  }

  get ready(): boolean {
    return this.bank.ready(0);
  }

  scoreOne(x: ArrayLike<number>): number {
    return this.bank.scoreOne(0, x);
  }

  learnOne(x: ArrayLike<number>): void {
    this.bank.learnOne(0, x);
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    return this.bank.snapshot(0);
  }

  restore(bytes: Uint8Array): void {
    this.bank.restore(0, bytes);
  }
}

const sharedBy = new WeakMap<object, Shared>();

/** A configuration's trees are grown once, however many instances it makes. */
function bankOf(params: ForestShape & { readonly window: number }): HalfSpaceBank {
  const { features, window } = params;
  let shared = sharedBy.get(params);
  if (shared === undefined) {
    const forest = growForest(params);
    shared = {
      finder: new LeafFinder(forest, features.length),
      sums: new PathSums(forest.leaves, window),
    };
    sharedBy.set(params, shared);
  }
  return new HalfSpaceBank(shared, features.length, window, JSON.stringify(params));
}
