/**
 * A gateway's readings, prepared as they come with the code of `linnet prepare`: means over intervals, a row an instant, gaps filled.
 * With a model, what is wrong with each window of rows instead.
 *
 * INPUT    JSON lines such as {"sensor":"1","time":"2004-03-01T00:00:09Z","temperature":19.2}; - is standard input
 * SENSORS  their names in the order of the columns, with commas (the nine motes)
 * EVERY    minutes of an interval (2)
 * MODEL    a file of `linnet train lstm`
 */
import { readFileSync } from 'node:fs';
import { flow, interpolate, jsonLines, pivot, print, resample, type Row } from 'linnet';
import { findAlarms, loadLstm, LstmRunner, standardise } from '@linnet/core/lstm';

const { INPUT = '-', SENSORS = '1,4,6,19,22,23,33,34,45', EVERY = '2', MODEL } = process.env;
const sensors = SENSORS.split(',');
const everyMs = Number(EVERY) * 60_000;
/** Rows that wait for the other end of a gap; a longer one is filled with the sensor's last value. */
const GAP = 60;

interface Reading {
  readonly sensor: string;
  readonly time: string;
  readonly temperature: number;
}

const gateway = flow('gateway');
const rows = gateway
  .source('in', jsonLines<Reading>(INPUT))
  .map('reading', ({ sensor, time, temperature }) => ({ sensor, time: Date.parse(time), value: temperature }))
  .keyBy('sensor', ({ sensor }) => sensor)
  .stateful('resample', resample({ everyMs }))
  .flatMap('samples', (samples) => samples)
  .keyBy('gateway', () => 'gateway')
  // A sensor's mean is known when its next reading comes: rows wait half an hour for it.
  .stateful('pivot', pivot({ sensors, everyMs, latenessMs: 1_800_000 }))
  .flatMap('rows', (complete) => complete)
  .stateful('interpolate', interpolate({ gapMax: GAP }))
  .flatMap('filled', (filled) => filled);

if (MODEL === undefined) {
  const cells = ({ values }: Row) => sensors.map((sensor, j) => [sensor, values[j] as number]);
  rows
    .map('table', (row) => ({ time: new Date(row.time).toISOString(), ...Object.fromEntries(cells(row)) }))
    .sink('out', print());
} else {
  const model = loadLstm(readFileSync(MODEL));
  const runner = new LstmRunner(model);
  const { lookBack } = model.shape;
  rows
    .stateful('windows', {
      initial: () => ({ held: [] as Row[] }),
      step: (state, row) => {
        state.held.push(row);
        if (state.held.length <= lookBack) return [];
        const columns = sensors.map((_, j) =>
          Float64Array.from(state.held, ({ values }) => values[j] as number),
        );
        state.held.shift();
        const errors = runner.errors(standardise(columns, model), [0]);
        return findAlarms(errors, model.thresholds).map(({ sensor, ratio }) => ({
          time: new Date(row.time).toISOString(),
          sensor: sensors[sensor],
          ratio: Number(ratio.toFixed(2)),
        }));
      },
    })
    .flatMap('alarms', (alarms) => alarms)
    .sink('out', print());
}
export default gateway;
