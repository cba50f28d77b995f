import { readSeries } from '@linnet/connectors/file';
import { LinnetError, type Series } from '@linnet/core';
import { LstmDetector, type LstmModel } from '@linnet/core/lstm';
import { readModel } from '@linnet/gateway';
import { textTable } from '../text-table.ts';

export interface DetectOptions {
  readonly model: string;
  readonly output: 'text' | 'json';
}

/** A window that the model cannot put together again, or did not foretell; its sensor is the one furthest above its threshold. */
interface Alarm {
  /** Times of its first and last row. */
  readonly from: string;
  readonly to: string;
  readonly sensor: string;
  readonly error: number;
  readonly threshold: number;
  readonly ratio: number;
}

/** `linnet detect`: one line an alarm on stdout, what there was of them on stderr. */
export async function detectFile(file: string, { model: path, output }: DetectOptions): Promise<void> {
  const model = readModel(path);
  const series = await readSeries(file);
  const alarms = findAlarms(series, model, columnsFor(series, model, file));
  process.stdout.write(
    output === 'json'
      ? alarms.map((alarm) => `${JSON.stringify(alarm)}\n`).join('')
      : alarms.length === 0
        ? ''
        : tableOf(alarms),
  );
  process.stderr.write(`linnet: ${summaryOf(alarms, series.times.length)}\n`);
}

/** The series' columns in the model's order. */
function columnsFor({ sensors, columns, times }: Series, model: LstmModel, file: string): Float64Array[] {
  const everyMs = (times[1] as number) - (times[0] as number);
  if (times.length > 1 && everyMs !== model.everyMs) {
    throw new LinnetError(
      'data.invalid',
      `${file} has a row every ${everyMs} ms, the model was trained on one every ${model.everyMs} ms: see prepare --resample`,
    );
  }
  return model.sensors.map((sensor) => {
    const at = sensors.indexOf(sensor);
    if (at >= 0) return columns[at] as Float64Array;
    throw new LinnetError(
      'data.invalid',
      `${file} has no column ${sensor}, which the model was trained on: it has ${sensors.join(', ')}`,
    );
  });
}

function findAlarms({ times }: Series, model: LstmModel, columns: readonly Float64Array[]): readonly Alarm[] {
  const detector = new LstmDetector(model);
  const row = new Float64Array(columns.length);
  const iso = (at: number): string => new Date(times[Math.max(0, at)] as number).toISOString();
  const alarms: Alarm[] = [];
  for (let at = 0; at < times.length; at++) {
    for (const [j, column] of columns.entries()) row[j] = column[at] as number;
    const found = detector.push(row);
    if (found === undefined) continue;
    alarms.push({
      from: iso(at - detector.rows + 1),
      to: iso(at),
      sensor: model.sensors[found.sensor] as string,
      error: found.error,
      threshold: model.thresholds[found.sensor] as number,
      ratio: found.ratio,
    });
  }
  return alarms;
}

const COLUMNS = [
  { title: 'from', align: 'left' },
  { title: 'to', align: 'left' },
  { title: 'sensor', align: 'left' },
  { title: 'error', align: 'right' },
  { title: 'threshold', align: 'right' },
  { title: 'ratio', align: 'right' },
] as const;

function tableOf(alarms: readonly Alarm[]): string {
  return textTable(
    COLUMNS,
    alarms.map(({ from, to, sensor, error, threshold, ratio }) => [
      from,
      to,
      sensor,
      error.toPrecision(4),
      threshold.toPrecision(4),
      ratio.toFixed(2),
    ]),
  );
}

function summaryOf(alarms: readonly Alarm[], rows: number): string {
  const bySensor = new Map<string, number>();
  for (const { sensor } of alarms) bySensor.set(sensor, (bySensor.get(sensor) ?? 0) + 1);
  const counts = [...bySensor].map(([sensor, count]) => `${sensor} ${count}`).join(', ');
  const of = `${rows.toLocaleString('en')} rows: ${alarms.length.toLocaleString('en')} windows with an alarm`;
  return counts === '' ? of : `${of}, by sensor ${counts}`;
}
