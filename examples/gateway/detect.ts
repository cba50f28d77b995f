/**
 * Faults and attacks in days that no model saw: what an LSTM at the gateway finds of them, beside a z-score and half-space
 * trees a sensor, and the real end of life of two motes.
 */
import { join } from 'node:path';
import { interpolateColumn, type Series } from '@linnet/core';
import { readSeries } from '@linnet/connectors/file';
import { findAlarms, fitThresholds, type LstmAlarm } from '@linnet/core/lstm';
import { lstm, trees, zScore, type Detector } from './detectors.ts';
import { FAULTS, inject, type Episode, type Fault } from './faults.ts';

const LOOK_BACK = 5;
/** Alarms a window, all sensors together, that every threshold is set for: 0.72 a day. */
const FALSE_ALARM_RATE = 0.001;
const DAY = 720;
const TRAINED = 0.7;

const nine = await filled('nine-motes-2min.csv.gz');
const rows = Math.floor(nine.times.length * TRAINED);
const held = nine.times.length - rows;
print(`nine motes: trained on ${rows} instants, ${held} held back (${(held / DAY).toFixed(1)} days)`);
print(`false alarms wanted: ${(FALSE_ALARM_RATE * DAY).toFixed(2)} a day\n`);
const detectors = detectorsFor(nine, rows);
print(line('', [...FAULTS, 'all'], 'false alarms'));
for (const detector of detectors) {
  const thresholds = thresholdsOf(detector, nine.columns, rows);
  const quiet = alarmsAfter(rows, detector, nine.columns, thresholds);
  const found = FAULTS.map((fault) => recall(fault, detector, thresholds));
  const all = found.reduce((sum, one) => sum + one, 0);
  const cells = [...found.map((n) => `${n}/9`), `${all}/45`];
  print(line(detector.name, cells, `${((quiet.length / held) * DAY).toFixed(1)} a day`));
}

const four = await filled('four-motes-2min.csv.gz');
const known = nine.times.length;
print('\nend of life, motes 1, 4, 6, 19: trained on the same days, then run to 2004-03-21');
for (const detector of detectorsFor(four, known)) {
  const thresholds = thresholdsOf(detector, four.columns, known);
  const alarms = alarmsAfter(known, detector, four.columns, thresholds);
  for (const sensor of ['6', '19']) {
    print(`${detector.name.padEnd(18)} mote ${sensor.padEnd(3)}${ending(sensor, alarms)}`);
  }
}

/** How many of nine episodes, one a sensor, have an alarm that names a sensor of theirs. */
function recall(fault: Fault, detector: Detector, thresholds: Float64Array): number {
  const columns = nine.columns.map((column) => column.slice());
  const spacing = Math.floor((held - DAY / 3) / columns.length);
  const episodes = columns.map((_, j) => inject(columns, fault, j, rows + 60 + j * spacing));
  const alarms = alarmsAfter(rows, detector, columns, thresholds);
  return episodes.filter((episode) => alarms.some((alarm) => names(alarm, episode))).length;
}

function names({ window, sensor }: LstmAlarm, { sensors, start, end }: Episode): boolean {
  return sensors.includes(sensor) && window + LOOK_BACK >= start && window < end;
}

/** When the sensor's readings left 40 °C for good, and the first hour before it with an alarm in half of its windows. */
function ending(sensor: string, alarms: readonly LstmAlarm[]): string {
  const index = four.sensors.indexOf(sensor);
  const column = four.columns[index] as Float64Array;
  const hot = column.findIndex(
    (value, i) => i > known && value > 40 && column.subarray(i, i + 30).every((x) => x > 40),
  );
  const own = alarms.filter((alarm) => alarm.sensor === index).map(({ window }) => window);
  const first = own.find((window, i) => (own[i + 15] ?? Infinity) < window + 30);
  const before = own.filter((window) => window < hot - DAY).length;
  const days = (hot - DAY - known) / DAY;
  return (
    `above 40 °C from ${iso(hot)}, alarms in a row from ${first === undefined ? 'never' : iso(first)}, ` +
    `${(before / days).toFixed(1)} alarms a day until a day before`
  );
}

function detectorsFor({ sensors, columns }: Series, trained: number): Detector[] {
  const options = [sensors, columns, trained] as const;
  return [
    lstm('reconstruct', ...options),
    lstm('forecast', ...options),
    zScore(columns, trained),
    trees(columns, trained),
  ];
}

function thresholdsOf(detector: Detector, columns: readonly Float64Array[], trained: number): Float64Array {
  const scores = detector.score(columns.map((column) => column.subarray(0, trained)));
  return fitThresholds(scores, columns.length, FALSE_ALARM_RATE);
}

function alarmsAfter(
  start: number,
  detector: Detector,
  columns: readonly Float64Array[],
  thresholds: Float64Array,
): LstmAlarm[] {
  return findAlarms(detector.score(columns), thresholds).filter(({ window }) => window >= start);
}

async function filled(file: string): Promise<Series> {
  const series = await readSeries(join(import.meta.dirname, 'data', file));
  for (const column of series.columns) {
    interpolateColumn(column);
    column.fill(
      column.find((value) => !Number.isNaN(value)) as number,
      0,
      column.findIndex((x) => !Number.isNaN(x)),
    );
  }
  return series;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function line(name: string, cells: readonly string[], last: string): string {
  return `${name.padEnd(18)}${cells.map((cell) => cell.padStart(8)).join('')}  ${last}`;
}

function iso(row: number): string {
  return new Date(four.times[row] as number).toISOString().slice(0, 16);
}
