/** Models on the device: a detector is loaded only where one is asked for. */
import type { Detect } from '../detect.ts';

export type DetectorName = 'zscore' | 'half-space-trees';

const FIELDS_MAX = 64;
const THRESHOLD = { zscore: 3, 'half-space-trees': 0.95 } as const;
const ZSCORE_GRACE = 10;
/** Readings before half-space trees know a plausible range, and the readings that then make their reference. */
const RANGE_READINGS = 50;
const WINDOW = 50;

/** Scores every reading by the numbers in it; what is scored is learned then. */
export async function detectorOf(name: DetectorName, threshold: number = THRESHOLD[name]): Promise<Detect> {
  const core = await import('@linnet/core');
  return name === 'zscore' ? byField(core, threshold) : byForest(core, threshold);
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

/** One forest over the fields of the first reading; their range is that of the first readings and half as much on either side. */
function byForest({ halfSpaceTrees }: Core, threshold: number): Detect {
  let fields: string[] = [];
  const first: number[][] = [];
  let model: ReturnType<ReturnType<typeof halfSpaceTrees>['create']> | undefined;
  const grow = () => {
    const limits = Object.fromEntries(fields.map((field, i) => [field, rangeOf(first, i)]));
    model = halfSpaceTrees({ features: fields, limits, trees: 25, height: 8, window: WINDOW }).create();
    for (const x of first) model.learnOne(x);
  };
  return (reading) => {
    if (fields.length === 0) fields = numbersOf(reading);
    if (fields.length === 0) return undefined;
    const values = new Map<string, unknown>(Object.entries(reading));
    const x = fields.map((field) => {
      const value = values.get(field);
      return typeof value === 'number' ? value : Number.NaN;
    });
    if (model === undefined) {
      if (first.push(x) === RANGE_READINGS) grow();
      return undefined;
    }
    const score = model.scoreOne(x);
    model.learnOne(x);
    return model.ready && score > threshold ? score : undefined;
  };
}

function numbersOf(reading: object): string[] {
  return Object.entries(reading)
    .filter(([, value]) => typeof value === 'number')
    .map(([field]) => field)
    .slice(0, FIELDS_MAX);
}

function rangeOf(readings: readonly (readonly number[])[], field: number): [number, number] {
  const known = readings.map((x) => x[field] as number).filter(Number.isFinite);
  const [low, high] = [Math.min(...known, 0), Math.max(...known, 1)];
  const [min, max] = known.length === 0 ? [low, high] : [Math.min(...known), Math.max(...known)];
  const margin = (max - min) / 2 || Math.abs(max) / 2 || 1;
  return [min - margin, max + margin];
}
