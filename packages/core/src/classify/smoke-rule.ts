import { pairwiseSum } from '../math/pairwise-sum.ts';

/** A reading that a model found strange. */
export interface Anomaly {
  readonly sensor: string;
  /** Event time in epoch milliseconds. */
  readonly time: number;
  readonly value: number;
}

/** What the anomalies of one region in one window are taken for. */
export interface RuleVerdict {
  /** Each once, in the order of their texts. */
  readonly sensors: readonly string[];
  readonly values: readonly number[];
  /** Event time of the first anomaly, in epoch milliseconds. */
  readonly first: number;
  readonly highest: number;
  /** Population standard deviation over mean of the values; null where the rule did not ask for it. */
  readonly variation: number | null;
  readonly malfunction: boolean;
}

export interface SmokeRuleOptions {
  /** From so many sensors on it is smoke, whatever else. Default 2. */
  readonly sensorsMin?: number;
  /** Below so many anomalies of fewer sensors it is a malfunction. Default 10. */
  readonly anomaliesMin?: number;
  /** Above this coefficient of variation the anomalies of fewer sensors are a malfunction. Default 0.3. */
  readonly variationMax?: number;
}

/**
 * Smoke or a broken sensor, from the anomalies of a region alone: smoke shows at several sensors; what shows at one is smoke only
 * where it stays and is steady. It does not know how many sensors there are, nor when each one rose: `sensorAgreement` does.
 *
 * The rule of github.com/bytewax/air-quality-sensor, with its thresholds as options. NumPy 2.4.6's numbers to the bit.
 */
export function smokeRule({ sensorsMin = 2, anomaliesMin = 10, variationMax = 0.3 }: SmokeRuleOptions = {}): (
  anomalies: readonly Anomaly[],
) => RuleVerdict {
  return (anomalies) => {
    const sensors = [...new Set(anomalies.map(({ sensor }) => sensor))].toSorted();
    const values = anomalies.map(({ value }) => value);
    const few = sensors.length < sensorsMin;
    const variation = few && anomalies.length >= anomaliesMin ? coefficientOfVariation(values) : null;
    return {
      sensors,
      values,
      first: anomalies.reduce((least, { time }) => Math.min(least, time), Infinity),
      highest: values.reduce((most, value) => Math.max(most, value), -Infinity),
      variation,
      malfunction: few && (variation === null || variation > variationMax),
    };
  };
}

/** Population standard deviation over mean; the sums as NumPy adds. */
function coefficientOfVariation(values: readonly number[]): number {
  const mean = pairwiseSum(Float64Array.from(values)) / values.length;
  const squares = Float64Array.from(values, (value) => (value - mean) * (value - mean));
  return Math.sqrt(pairwiseSum(squares) / values.length) / mean;
}
