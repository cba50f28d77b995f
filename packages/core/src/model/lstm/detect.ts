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

/** Windows with a sensor above its threshold, in order. */
export function findAlarms(errors: Float32Array, thresholds: Float64Array): LstmAlarm[] {
  const sensors = thresholds.length;
  const alarms: LstmAlarm[] = [];
  for (let window = 0; window * sensors < errors.length; window++) {
    let [sensor, ratio] = [-1, 1];
    for (let j = 0; j < sensors; j++) {
      const own = (errors[window * sensors + j] as number) / (thresholds[j] as number);
      if (own > ratio) [sensor, ratio] = [j, own];
    }
    if (sensor >= 0) alarms.push({ window, sensor, ratio });
  }
  return alarms;
}
