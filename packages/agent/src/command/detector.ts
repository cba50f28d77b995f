/** Models on the device: a detector is loaded only where one is asked for. */
import type { Detect } from '../detect.ts';

export type DetectorName = 'zscore';

const FIELDS_MAX = 64;
const THRESHOLD = { zscore: 3 } as const;
const ZSCORE_GRACE = 10;

/** Scores every reading by the numbers in it; what is scored is learned then. */
export async function detectorOf(name: DetectorName, threshold: number = THRESHOLD[name]): Promise<Detect> {
  const core = await import('@linnet/core');
  return byField(core, threshold);
}

type Core = typeof import('@linnet/core');

/** A model a field; the strangest field counts. */
function byField({ zScore }: Core, threshold: number): Detect {
  const component = zScore({ features: ['value'], grace: ZSCORE_GRACE, threshold });
  const models = new Map<string, ReturnType<typeof component.create>>();
  return (reading) => {
    let strangest = 0;
    for (const [field, value] of Object.entries(reading)) {
      if (typeof value !== 'number' || !Number.isFinite(value)) continue;
      let model = models.get(field);
      if (model === undefined) {
        if (models.size === FIELDS_MAX) continue;
        models.set(field, (model = component.create()));
      }
      const score = model.scoreOne([value]);
      if (model.isAnomaly(score)) strangest = Math.max(strangest, score);
      model.learnOne([value]);
    }
    return strangest > 0 ? strangest : undefined;
  };
}
