import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core';
import { createHistory } from './format.ts';
import { Names } from './names.ts';
import { seal } from './seal.ts';
import { encodeCells, encodeTail } from './tail.ts';

/** Readings in columns. `rows` is the length of `sensor`, `time` and every channel. */
export interface HistoryBatch {
  /** Names of the sensors that the batch speaks of. */
  readonly sensors: readonly (string | number)[];
  /** For each reading the index of its sensor in `sensors`. */
  readonly sensor: Int32Array;
  /** Event time of each reading, epoch ms. */
  readonly time: Float64Array;
  /**
   * Values by channel name; missing is NaN. `score` and `anomaly` are channels like others, only that a reading with
   * `anomaly` 1 is also listed among the anomalies.
   */
  readonly channels: Readonly<Record<string, Float64Array>>;
}

/** The furthest that a date can be from 1970, in ms. */
const TIME_MAX = 8.64e15;

/**
 * Appends batches of readings to the history in the transaction of the caller, who begins and commits: what is appended
 * appears, or is lost, together with all else that the transaction holds.
 *
 * Every reading is kept, also one with the sensor and time of another. Cost: 8 bytes a reading and column of memory for
 * the length of the call, about 30 ns a reading with three columns.
 */
export class HistoryWriter {
  private readonly db: DatabaseSync;
  private readonly sensorNames: Names;
  private readonly channelNames: Names;
  private readonly insertTail: StatementSync;
  private readonly insertAnomaly: StatementSync;

  /** Makes the tables if they are missing, in a transaction of its own where the caller has begun none. */
  constructor(db: DatabaseSync) {
    createHistory(db);
    this.db = db;
    this.sensorNames = new Names(db, 'history_sensor');
    this.channelNames = new Names(db, 'history_channel');
    this.insertTail = db.prepare(
      'INSERT INTO history_tail(rows, from_time, to_time, crc, channels, data) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.insertAnomaly = db.prepare('INSERT INTO history_anomaly(sensor, time, cells) VALUES (?, ?, ?)');
  }

  /**
   * @throws LinnetError `data.invalid` for columns of unequal length, a time that is no date or an unnamed sensor;
   * nothing is appended then
   */
  append(batch: HistoryBatch): void {
    const rows = batch.time.length;
    checkShape(batch, rows);
    if (rows === 0) return;
    if (!this.db.isTransaction) throw new Error('invariant broken: history is appended within a transaction');
    const [from, to] = span(batch.time);
    const ids = this.sensorNames.resolve(batch.sensors);
    const sensor = new Int32Array(rows);
    for (let i = 0; i < rows; i++) sensor[i] = ids[batch.sensor[i] as number] as number;
    const names = Object.keys(batch.channels);
    const channelIds = this.channelNames.resolve(names);
    const channels = new Map<number, Float64Array>();
    names.forEach((name, i) => channels.set(channelIds[i] as number, batch.channels[name] as Float64Array));
    const tail = encodeTail({ rows, time: batch.time, sensor, channels }, from, to);
    this.insertTail.run(rows, from, to, tail.crc, tail.channels, tail.data);
    const anomaly = batch.channels['anomaly'];
    if (anomaly === undefined) return;
    for (let i = anomaly.indexOf(1); i >= 0; i = anomaly.indexOf(1, i + 1)) {
      const row = [sensor[i], batch.time[i]] as [number, number];
      this.insertAnomaly.run(...row, seal(row, encodeCells(channels, i)));
    }
  }
}

function checkShape({ sensors, sensor, channels }: HistoryBatch, rows: number): void {
  const invalid = (what: string) => new LinnetError('data.invalid', `history: ${what}`);
  if (sensor.length !== rows) throw invalid(`${sensor.length} sensors for ${rows} times`);
  for (const [name, values] of Object.entries(channels)) {
    if (values.length !== rows) throw invalid(`${values.length} values of ${name} for ${rows} times`);
  }
  if (sensors.some((name) => name === '' || Number.isNaN(name))) throw invalid('a sensor has no name');
  for (let i = 0; i < rows; i++) {
    const index = sensor[i] as number;
    if (index < 0 || index >= sensors.length)
      throw invalid(`reading ${i} is of sensor ${index}, of ${sensors.length}`);
  }
}

function span(time: Float64Array): [from: number, to: number] {
  let [from, to] = [Infinity, -Infinity];
  for (let i = 0; i < time.length; i++) {
    const at = time[i] as number;
    if (!(Math.abs(at) <= TIME_MAX)) {
      throw new LinnetError('data.invalid', `history: reading ${i} has the time ${at}, which is no date`);
    }
    if (at < from) from = at;
    if (at > to) to = at;
  }
  return [from, to];
}
