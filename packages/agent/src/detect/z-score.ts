import { zScore } from '@linnet/core/model';
import { byField, type Detector, type FieldWatch } from './by-field.ts';

const THRESHOLD = 3;
const GRACE = 10;

/** Distance of each number from the mean of its last 100 in standard deviations, judged from the eleventh on. */
export function zScoreDetector(threshold: number = THRESHOLD): Detector {
  const component = zScore({ features: ['value'], grace: GRACE, threshold });
  return byField(GRACE, (): FieldWatch => {
    const model = component.create();
    return {
      get ready() {
        return model.ready;
      },
      next: (value) => {
        const score = model.scoreOne([value]);
        const anomaly = model.isAnomaly(score);
        model.learnOne([value]);
        return anomaly ? score : undefined;
      },
    };
  });
}
