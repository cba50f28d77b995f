/** The watch of a gateway: checks of its rows, the LSTM's errors among them, with thresholds from the rows it was trained on. */
import { ForecastError, LstmRunner, RelativeError, type LstmModel } from '@linnet/core/lstm';
import {
  Drift,
  Exchange,
  fitWatch,
  Repetition,
  SensorWatch,
  Spike,
  Stillness,
  type Check,
} from '@linnet/core/watch';
import type { Alarm } from './alarms.ts';

/** Three days of two-minute instants that a replay is looked for in; hours' means, three hours apart, for a drift. */
const MEMORY = 2160;
const DRIFT = { mean: 30, apart: 90, penalty: 50 } as const;

export type Watch = (rows: readonly Float64Array[], from: number) => Alarm[];

/**
 * @param model a forecaster
 * @param trained rows of normal days, NaN for missing
 * @param rate false alarms an instant, all checks and sensors together
 * @returns alarms of rows, from one of them on
 */
export function watchOf(model: LstmModel, trained: readonly Float64Array[], rate: number): Watch {
  const sensors = model.sensors.length;
  const drift = Drift.learn(trained, sensors, DRIFT);
  const floor = usualChange(trained);
  const runner = new LstmRunner(model);
  const checks = (): Check[] => {
    const forecast = new ForecastError(runner);
    return [
      forecast,
      new RelativeError(forecast),
      new Stillness(sensors),
      new Repetition(sensors, MEMORY),
      new Spike(sensors),
      new Exchange(sensors, floor),
      drift.fresh(),
    ];
  };
  const thresholds = fitWatch(checks(), trained, rate);
  return (rows, from) => {
    const watch = new SensorWatch(checks(), thresholds);
    const alarms: Alarm[] = [];
    for (let row = Math.max(0, from - MEMORY); row < rows.length; row++) {
      const found = watch.push(rows[row] as Float64Array);
      if (row >= from) for (const { sensor } of found) alarms.push({ row, sensor });
    }
    return alarms;
  };
}

/** The change of a sensor from an instant to the next that 95 of 100 do not exceed. */
function usualChange(rows: readonly Float64Array[]): number {
  const changes = rows
    .slice(1)
    .flatMap((row, i) => [...row].map((x, j) => Math.abs(x - (rows[i]?.[j] as number))));
  const known = Float64Array.from(changes.filter((change) => !Number.isNaN(change))).toSorted();
  return known[Math.floor(known.length * 0.95)] as number;
}
