/**
 * Faults and attacks in days that no model saw: what an LSTM at the gateway and a watch around it find of them, beside a z-score and
 * half-space trees a sensor, and the real end of life of two motes.
 */
import { join } from 'node:path';
import { interpolateColumn, type Series } from '@linnet/core';
import { readSeries } from '@linnet/connectors/file';
import { findAlarms, fitThresholds, type LstmModel } from '@linnet/core/lstm';
import { countEvents, finds, type Alarm } from './alarms.ts';
import { lstmDetector, trainLstm, trees, zScore, type Detector } from './detectors.ts';
import { FAULTS, inject, type Episode, type Fault } from './faults.ts';
import { watchOf } from './watch.ts';

/** Alarms an instant, all sensors together, that every threshold is set for: one a day. */
const FALSE_ALARM_RATE = 1 / 720;
const DAY = 720;
const TRAINED = 0.7;
/** Episodes of a fault: one a sensor, so often. */
const PLACES = 3;

/** Columns without gaps, and where there was one. */
interface Data extends Series {
  readonly measured: readonly Float64Array[];
}
/** A detector with one or more sets of thresholds: alarms of each, from a row on. */
interface Contestant {
  readonly names: readonly string[];
  judge(scene: Scene, from: number): Alarm[][];
}
interface Scene {
  readonly columns: readonly Float64Array[];
  /** The same by rows, with the gaps. */
  readonly rows: readonly Float64Array[];
}

const nine = await load('nine-motes-2min.csv.gz');
const known = nine.times.length;
const trained = Math.floor(known * TRAINED);
const held = known - trained;
print(`nine motes: trained on ${trained} instants, ${held} held back (${(held / DAY).toFixed(1)} days)`);
print('thresholds for one false alarm a day, from the trained days alone\n');
const quiet: Scene = { columns: nine.columns, rows: rowsOf(nine.measured) };
const scenes = FAULTS.flatMap((fault) =>
  Array.from({ length: PLACES }, (_, place) => makeScene(fault, place)),
);
print(line('', [...FAULTS, 'all'], 'false alarms'));
for (const contestant of contestants(nine, trained, true)) {
  const { names } = contestant;
  const found = names.map(() => FAULTS.map(() => 0));
  for (const scene of scenes) {
    contestant.judge(scene, trained).forEach((alarms, i) => {
      const cells = found[i] as number[];
      const fault = FAULTS.indexOf(scene.fault);
      cells[fault] =
        (cells[fault] as number) + scene.episodes.filter((episode) => finds(alarms, episode)).length;
    });
  }
  contestant.judge(quiet, trained).forEach((alarms, i) => {
    const counts = found[i] as number[];
    const all = counts.reduce((sum, one) => sum + one, 0);
    const cells = [...counts.map((n) => `${n}/${PLACES * 9}`), `${all}/${PLACES * 45}`];
    const hours = (new Set(alarms.map(({ row }) => row)).size * 24) / held;
    const events = (countEvents(alarms) / held) * DAY;
    print(line(names[i] as string, cells, `${events.toFixed(1)} and ${hours.toFixed(1)} h a day`));
  });
}

const four = await load('four-motes-2min.csv.gz');
print('\nend of life, motes 1, 4, 6, 19: trained on the same days, then run to 2004-03-21');
for (const { names, judge } of contestants(four, known, false)) {
  const [alarms = []] = judge({ columns: four.columns, rows: rowsOf(four.measured) }, known);
  for (const sensor of ['6', '19']) {
    print(`${(names[0] as string).padEnd(22)} mote ${sensor.padEnd(3)}${ending(sensor, alarms)}`);
  }
}

/** Episodes of a fault in the days held back, one a sensor. */
function makeScene(fault: Fault, place: number): Scene & { fault: Fault; episodes: readonly Episode[] } {
  const columns = nine.columns.map((column) => column.slice());
  const spacing = Math.floor((held - DAY / 3) / columns.length);
  const first = trained + 60 + Math.floor((place * spacing) / PLACES);
  const episodes = columns.map((_, j) => inject(columns, fault, j, first + j * spacing));
  const measured = columns.map((column, j) =>
    withGaps(column, nine.measured[j] as Float64Array, j, episodes),
  );
  return { fault, columns, rows: rowsOf(measured), episodes };
}

/** The gaps that were there, except where a fault gives values. */
function withGaps(
  column: Float64Array,
  measured: Float64Array,
  sensor: number,
  episodes: readonly Episode[],
): Float64Array {
  return column.map((value, row) => {
    const made = episodes.some(
      ({ sensors, start, end }) => sensors.includes(sensor) && row >= start && row < end,
    );
    return Number.isNaN(measured[row]) && !made ? Number.NaN : value;
  });
}

/** @param matched whether detectors are also shown with thresholds that keep to one false alarm a day */
function contestants(data: Data, rows: number, matched: boolean): Contestant[] {
  const options = [data.sensors, data.columns, rows] as const;
  const [reconstruct, forecast] = [trainLstm('reconstruct', ...options), trainLstm('forecast', ...options)];
  const detectors = [
    lstmDetector('LSTM, reconstruct', reconstruct),
    lstmDetector('LSTM, forecast', forecast),
    zScore(data.columns, rows),
    trees(data.columns, rows),
  ];
  return [
    watched(forecast, data, rows),
    ...detectors.map((detector): Contestant => {
      const scores = detector.score(data.columns.map((column) => column.subarray(0, rows)));
      const thresholds = fitThresholds(scores, data.columns.length, FALSE_ALARM_RATE);
      const all = matched ? [thresholds, raised(detector, thresholds, data, rows)] : [thresholds];
      return {
        names: [detector.name, '  at 1 a day'].slice(0, all.length),
        judge: ({ columns }, from) => {
          const found = detector.score(columns);
          return all.map((own) => alarmsOf(found, own, detector, from));
        },
      };
    }),
  ];
}

function watched(forecast: LstmModel, data: Data, trainedRows: number): Contestant {
  const watch = watchOf(forecast, rowsOf(data.measured).slice(0, trainedRows), FALSE_ALARM_RATE);
  return { names: ['watch with the LSTM'], judge: ({ rows }, from) => [watch(rows, from)] };
}

function alarmsOf(
  scores: Float32Array,
  thresholds: Float64Array,
  { known: after }: Detector,
  from: number,
): Alarm[] {
  return findAlarms(scores, thresholds)
    .map(({ window, sensor }) => ({ row: window + after, sensor }))
    .filter(({ row }) => row >= from);
}

/** In favour of the others: the lowest thresholds that keep to one false alarm a day, chosen by the days held back. */
function raised(detector: Detector, thresholds: Float64Array, data: Data, from: number): Float64Array {
  const wanted = Math.floor((data.times.length - from) / DAY);
  let [low, high] = [0.2, 50];
  const scores = detector.score(data.columns);
  const scaled = (factor: number): Float64Array => thresholds.map((threshold) => threshold * factor);
  for (let i = 0; i < 30; i++) {
    const middle = Math.sqrt(low * high);
    if (countEvents(alarmsOf(scores, scaled(middle), detector, from)) > wanted) low = middle;
    else high = middle;
  }
  return scaled(high);
}

/** When the sensor's readings left 40 °C for good, and since when its alarms had come without a pause of six hours. */
function ending(sensor: string, alarms: readonly Alarm[]): string {
  const index = four.sensors.indexOf(sensor);
  const column = four.columns[index] as Float64Array;
  const hot = column.findIndex(
    (value, i) => i > known && value > 40 && column.subarray(i, i + 30).every((x) => x > 40),
  );
  const own = alarms.filter((alarm) => alarm.sensor === index).toSorted((a, b) => a.row - b.row);
  let first = hot;
  for (const { row } of own.toReversed()) if (row < first && row >= first - DAY / 4) first = row;
  const before = own.filter(({ row }) => row < first);
  const days = (first - known) / DAY;
  const told = first < hot ? `alarms without a pause from ${iso(first)}` : 'no alarms just before';
  return (
    `above 40 °C from ${iso(hot)}, ${told}, ` +
    `${(countEvents(before) / days).toFixed(1)} false alarms a day until then`
  );
}

async function load(file: string): Promise<Data> {
  const series = await readSeries(join(import.meta.dirname, 'data', file));
  const columns = series.columns.map((measured) => {
    const column = measured.slice();
    interpolateColumn(column);
    const first = column.findIndex((x) => !Number.isNaN(x));
    return column.fill(column[first] as number, 0, first);
  });
  return { ...series, columns, measured: series.columns };
}

function rowsOf(columns: readonly Float64Array[]): Float64Array[] {
  const { length } = columns[0] as Float64Array;
  return Array.from({ length }, (_, i) => Float64Array.from(columns, (column) => column[i] as number));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function line(name: string, cells: readonly string[], last: string): string {
  return `${name.padEnd(22)}${cells.map((cell) => cell.padStart(8)).join('')}  ${last}`;
}

function iso(row: number): string {
  return new Date(four.times[row] as number).toISOString().slice(0, 16);
}
