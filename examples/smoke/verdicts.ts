import {
  halfSpaceTrees,
  sensorAgreement,
  smokeRule,
  tumbling,
  type ChannelReading,
  type Habits,
  type KeyedStream,
  type Stream,
} from 'linnet';
import type { Reading } from './readings.ts';
import { agreementReports, ruleReport, type Report } from './report.ts';

export interface VerdictOptions {
  readonly scoreMin: number;
  readonly pmMin: number;
}

type Sensors = KeyedStream<string, Reading>;

/** How smoke is told from a broken sensor, by the name of the classifier. */
export const classifiers = { rule: byRule, agreement: byAgreement };

const windows = tumbling({ length: '12h', align: '2022-07-18T00:00Z' });

/** The rule of the source system, on readings that a model of the sensor finds strange. */
function byRule(sensors: Sensors, { scoreMin, pmMin }: VerdictOptions): Stream<Report> {
  const classify = smokeRule({ sensorsMin: 2, anomaliesMin: 10, variationMax: 0.3 });
  const trees = halfSpaceTrees({
    features: ['pm25'],
    limits: { pm25: [0, 1200] },
    trees: 4,
    height: 3,
    window: 50,
    seed: 11,
  });
  return sensors
    .model('detect', trees)
    .filter('anomalous', ({ score, value: { pm25 } }) => (score ?? 0) > scoreMin && (pm25 ?? 0) > pmMin)
    .keyBy('region', ({ value }) => value.region)
    .map('anomaly', ({ value: { sensor, time, pm25 } }) => ({ sensor, time, value: pm25 ?? NaN }))
    .window(windows)
    .collect('window')
    .map('classify', (closed) => ruleReport(closed, classify(closed.value.toSorted(byTime))))
    .unkeyed();
}

/** All readings of a region's sensors, each sensor's gathered first; what the region's sensors usually do is its state. */
function byAgreement(sensors: Sensors, { pmMin }: VerdictOptions): Stream<Report> {
  const classify = sensorAgreement({ pm: pmMin });
  return sensors
    .filter('there', ({ pm25 }) => pm25 !== null)
    .window(windows, { ordered: false })
    .fold('gather', {
      initial: () => ({ region: '', readings: [] as ChannelReading[] }),
      fold: (own, reading) => {
        const { sensor, time, pm25, a, b } = reading;
        own.region = reading.region;
        own.readings.push({ sensor, time, value: pm25 ?? NaN, a: a ?? NaN, b: b ?? NaN });
        return own;
      },
    })
    .keyBy('region', ({ value }) => value.region)
    .map('readings', ({ value }) => value.readings)
    .window(windows)
    .collect('window')
    .stateful('classify', {
      initial: (): Habits => ({}),
      step: (habits, closed) =>
        agreementReports(closed, classify(closed.value.flat().toSorted(byTime), closed.window, habits)),
    })
    .flatMap('report', (reports) => reports)
    .unkeyed();
}

/** Readings of one instant come in any order where several processes share the sensors. */
function byTime(
  a: { readonly time: number; readonly sensor: string },
  b: { readonly time: number; readonly sensor: string },
): number {
  return a.time - b.time || (a.sensor < b.sensor ? -1 : Number(a.sensor > b.sensor));
}
