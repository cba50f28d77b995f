import { fitTail, tailQuantile } from '../../math/generalized-pareto.ts';

/** What is wrong with a window: the sensor whose error exceeds its threshold most. */
export interface LstmAlarm {
  /** Index of the window. */
  readonly window: number;
  /** Index of the sensor. */
  readonly sensor: number;
  /** Error over threshold; above 1. */
  readonly ratio: number;
}

/**
 * A threshold a sensor from the errors of normal windows: an extreme-value fit of their tail, at `falseAlarmRate` alarms a
 * window over all sensors. It holds as far as what comes is like what was trained on.
 * @param errors windows × sensors
 */
export function fitThresholds(errors: Float32Array, sensors: number, falseAlarmRate: number): Float64Array {
  const windows = errors.length / sensors;
  return Float64Array.from({ length: sensors }, (_, j) => {
    const own = Float64Array.from({ length: windows }, (_unused, i) => errors[i * sensors + j] as number);
    return tailQuantile(fitTail(own), falseAlarmRate / sensors);
  });
}

/**
 * The sensor whose error exceeds its threshold most; undefined when none does.
 * @param first index of the window's first error
 * @param row where given, a sensor without a finite value in it is not blamed
 */
export function worstSensor(
  errors: Float32Array,
  first: number,
  thresholds: Float64Array,
  row?: Float64Array,
): { readonly sensor: number; readonly ratio: number } | undefined {
  let [sensor, ratio] = [-1, 1];
  for (let j = 0; j < thresholds.length; j++) {
    const own = (errors[first + j] as number) / (thresholds[j] as number);
    if (own > ratio && (row === undefined || Number.isFinite(row[j]))) [sensor, ratio] = [j, own];
  }
  return sensor < 0 ? undefined : { sensor, ratio };
}

/** Windows with a sensor above its threshold, in order. */
export function findAlarms(errors: Float32Array, thresholds: Float64Array): LstmAlarm[] {
  const sensors = thresholds.length;
  const alarms: LstmAlarm[] = [];
  for (let window = 0; window * sensors < errors.length; window++) {
    const worst = worstSensor(errors, window * sensors, thresholds);
    if (worst !== undefined) alarms.push({ window, ...worst });
  }
  return alarms;
}
