/**
 * Half-space trees over the steps of each number, in units of its usual step.
 *
 * Over the values themselves the trees need a range that is known beforehand: a counter leaves whatever was learned and stays
 * outside, and so does every morning. A step in units of the usual one has the same range for every sensor, for a counter too.
 */
import { halfSpaceTrees } from '@linnet/core/model';
import { LinnetError } from '@linnet/core/base';
import { byField, type Detector, type FieldWatch } from './by-field.ts';
import { REFERENCE, Steps } from './steps.ts';

/** Steps that are learned before the first is judged. */
const WARM_UP = 50;
const THRESHOLD = 0.95;
/** Usual steps; beyond lies what is as strange as can be. */
const LIMIT = 50;
const WINDOW = 250;

/** A forest of 25 trees for each number. A score is 0 to 1; the threshold's default is 0.95. */
export function halfSpaceDetector(threshold: number = THRESHOLD): Detector {
  if (!(threshold > 0 && threshold < 1)) {
    throw new LinnetError(
      'config.invalid',
      `threshold: ${threshold}; half-space trees score from 0 to 1, so it lies between`,
    );
  }
  const component = halfSpaceTrees({
    features: ['step'],
    limits: { step: [-LIMIT, LIMIT] },
    trees: 25,
    height: 8,
    window: WINDOW,
  });
  return byField(REFERENCE + WARM_UP, () => new FieldForest(component.create(), threshold));
}

class FieldForest implements FieldWatch {
  private readonly model: ReturnType<ReturnType<typeof halfSpaceTrees>['create']>;
  private readonly threshold: number;
  private readonly steps = new Steps();
  private first: number[] | undefined = [];

  constructor(model: FieldForest['model'], threshold: number) {
    this.model = model;
    this.threshold = threshold;
  }

  get ready(): boolean {
    return this.first === undefined;
  }

  next(value: number): number | undefined {
    const step = this.steps.next(value);
    if (step === undefined) return undefined;
    if (this.first !== undefined) {
      this.first.push(step);
      if (this.first.length === WARM_UP) this.begin(this.first);
      return undefined;
    }
    const x = [this.inUnits(step)];
    const score = this.model.scoreOne(x);
    this.model.learnOne(x);
    this.steps.learn(step);
    return score > this.threshold ? score : undefined;
  }

  /** The first steps stand for a whole window until there is a real one. */
  private begin(first: readonly number[]): void {
    this.first = undefined;
    this.steps.begin(first);
    for (let turn = 0; turn * first.length < WINDOW; turn++) {
      for (const step of first) this.model.learnOne([this.inUnits(step)]);
    }
  }

  private inUnits(step: number): number {
    return Math.min(Math.max(step / this.steps.unit, -LIMIT), LIMIT);
  }
}
