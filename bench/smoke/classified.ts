/** What both classifiers say of each sensor in each window. */
import { halfSpaceTrees, sensorAgreement, smokeRule, type ChannelReading, type Habits } from 'linnet';
import type { AirSeries } from '@linnet/core/simulate';
import type { Case } from './cases.ts';
import { meanOf, windowOf, windowStart, WINDOW_MS, type Label } from './truth.ts';

const [SCORE, PM] = [0.7, 50];

/** Labels by `sensor window`; what is not there is clean. And how many readings above PM were taken for smoke. */
export interface Verdicts {
  readonly labels: Map<string, Label>;
  smokeReadings: number;
}

interface Grouped {
  readonly region: string;
  readonly window: number;
  readonly readings: (ChannelReading & { readonly score: number })[];
}

/** The rule of the source system: only what scores high and is above PM. */
export function byRule(given: Case): Verdicts {
  const classify = smokeRule();
  const verdicts: Verdicts = { labels: new Map(), smokeReadings: 0 };
  for (const { window, readings } of grouped(given)) {
    const anomalies = readings.filter(({ score, value }) => score > SCORE && value > PM);
    if (anomalies.length === 0) continue;
    const { sensors, malfunction } = classify(anomalies);
    for (const sensor of sensors)
      verdicts.labels.set(`${sensor} ${window}`, malfunction ? 'broken' : 'smoke');
    if (!malfunction) verdicts.smokeReadings += anomalies.length;
  }
  return verdicts;
}

export function byAgreement(given: Case): Verdicts {
  const classify = sensorAgreement({ pm: PM });
  const habits = new Map<string, Habits>();
  const verdicts: Verdicts = { labels: new Map(), smokeReadings: 0 };
  for (const { region, window, readings } of grouped(given)) {
    const own = habits.get(region) ?? {};
    habits.set(region, own);
    const start = windowStart(window);
    const { smoke, broken } = classify(readings, { start, end: start + WINDOW_MS }, own);
    for (const sensor of smoke?.sensors ?? []) verdicts.labels.set(`${sensor} ${window}`, 'smoke');
    for (const { sensor } of broken) verdicts.labels.set(`${sensor} ${window}`, 'broken');
    verdicts.smokeReadings += smoke?.values.length ?? 0;
  }
  return verdicts;
}

const kept = new WeakMap<Case, Grouped[]>();

/** The readings of each region and window, in time order of the windows. */
function grouped(given: Case): Grouped[] {
  const before = kept.get(given);
  if (before !== undefined) return before;
  const groups = new Map<string, Grouped>();
  for (const series of given.series) {
    const region = given.region(series.sensor);
    scored(series, (reading) => {
      const window = windowOf(reading.time);
      const key = `${region} ${window}`;
      const group = groups.get(key) ?? { region, window, readings: [] };
      groups.set(key, group);
      group.readings.push(reading);
    });
  }
  const ordered = [...groups.values()].toSorted((one, other) => one.window - other.window);
  kept.set(given, ordered);
  return ordered;
}

function scored(
  { sensor, times, a, b }: AirSeries,
  take: (reading: Grouped['readings'][number]) => void,
): void {
  const model = halfSpaceTrees({
    features: ['pm'],
    limits: { pm: [0, 1200] },
    trees: 4,
    height: 3,
    window: 50,
    seed: 11,
  }).create();
  for (let i = 0; i < times.length; i++) {
    const value = meanOf(a[i] as number, b[i] as number);
    if (Number.isNaN(value)) continue;
    const score = model.scoreOne([value]);
    model.learnOne([value]);
    take({ sensor, time: times[i] as number, value, a: a[i] as number, b: b[i] as number, score });
  }
}
