import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { zstdCompressSync } from 'node:zlib';
import { HistoryWriter } from '@linnet/connectors/history';
import type { ReceivedState } from '@linnet/core/wire';
import { AlertTable } from '../alerts/alert-table.ts';
import type { DeviceState } from '../ingest/device-state.ts';
import type { DualCommit } from '../ingest/dual.ts';
import type { Commit, IngestStore } from '../ingest/ingest.ts';
import type { StoredModel } from '../watch/detector.ts';
import { createIngest } from './schema.ts';

/** Dead letters kept; the oldest go first. */
const DEAD_MAX = 10_000;

/** The ingest's side of the store: readings, what has been received, devices and dead letters in the caller's transaction. */
export class IngestDatabase implements IngestStore {
  readonly alerts: AlertTable;
  private readonly db: DatabaseSync;
  private readonly history: HistoryWriter;
  private readonly statements: Record<keyof ReturnType<typeof prepare>, StatementSync>;
  private version = -1;

  constructor(db: DatabaseSync) {
    this.db = db;
    this.history = new HistoryWriter(db);
    createIngest(db);
    this.statements = prepare(db);
    this.alerts = new AlertTable(db);
  }

  everyDevice(): Map<string, DeviceState> {
    const rows = this.db.prepare('SELECT device, state FROM ingest_device').all();
    return new Map(
      rows.map(({ device, state }) => [device as string, JSON.parse(state as string) as DeviceState]),
    );
  }

  models(sensor: string): StoredModel[] {
    return this.statements.models.all(sensor) as unknown as StoredModel[];
  }

  /** Runs the work in one transaction that is on disk when this returns. */
  transaction(work: () => void): void {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.db.exec('COMMIT');
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw error;
    }
  }

  /** True when another connection has committed since the last call: what is held in memory may be out of date. */
  changedByOthers(): boolean {
    const version = this.db.prepare('PRAGMA data_version').get()?.['data_version'] as number;
    const changed = version !== this.version;
    this.version = version;
    return changed;
  }

  incarnation(key: string, incarnation: string): { id: number; state: ReceivedState | undefined } {
    const row = this.statements.received.get(key, incarnation);
    if (row === undefined) {
      const { lastInsertRowid } = this.statements.addReceived.run(key, incarnation);
      return { id: Number(lastInsertRowid), state: undefined };
    }
    const state = row['state'] as string | null;
    return {
      id: row['id'] as number,
      state: state === null ? undefined : (JSON.parse(state) as ReceivedState),
    };
  }

  device(key: string): DeviceState | undefined {
    const state = this.statements.device.get(key)?.['state'];
    return state === undefined ? undefined : (JSON.parse(state as string) as DeviceState);
  }

  dual(key: string): Uint8Array | undefined {
    return this.statements.dual.get(key)?.['state'] as Uint8Array | undefined;
  }

  everyDual(): string[] {
    return this.db
      .prepare('SELECT device FROM ingest_dual')
      .all()
      .map(({ device }) => device as string);
  }

  write({ rows, received, devices, sensors, texts, models, dead, dual, alerts }: Commit): void {
    const { putReceived, putDevice, putSensor, putModel, putText, dead: putDead, trimDead } = this.statements;
    this.history.append(rows.batch());
    for (const { id, state } of received) putReceived.run(JSON.stringify(state), id);
    for (const [key, state] of devices) putDevice.run(key, JSON.stringify(state));
    for (const { sensor, device, region } of sensors) putSensor.run(sensor, device, region);
    for (const { sensor, metric, time, bytes } of models) putModel.run(sensor, metric, time, bytes);
    if (texts.length > 0) {
      const times = texts.map(({ time }) => time);
      const lines = texts.map((row) => JSON.stringify([row.sensor, row.time, row.texts])).join('\n');
      const [from, to] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
      putText.run(from, to, zstdCompressSync(lines));
    }
    for (const { device, topic, receivedAt, reason, payload } of dead) {
      putDead.run(device, topic, receivedAt, reason, payload);
    }
    if (dead.length > 0) trimDead.run();
    this.writeDual(dual);
    this.alerts.append(alerts);
  }

  private writeDual({ decoders, alerts }: DualCommit): void {
    const { putDual, putAlert } = this.statements;
    for (const [key, decoder] of decoders) putDual.run(key, decoder.save());
    for (const { device, link, session, sequence, tick, channel, value, score } of alerts) {
      const time = link.startMs + tick * link.everyMs;
      const name = link.channels[channel]?.name ?? String(channel);
      putAlert.run(device, session, sequence, time, name, value, score);
    }
  }
}

function prepare(db: DatabaseSync) {
  return {
    received: db.prepare('SELECT id, state FROM ingest_received WHERE device = ? AND incarnation = ?'),
    addReceived: db.prepare('INSERT INTO ingest_received(device, incarnation) VALUES (?, ?)'),
    putReceived: db.prepare('UPDATE ingest_received SET state = ? WHERE id = ?'),
    device: db.prepare('SELECT state FROM ingest_device WHERE device = ?'),
    putDevice: db.prepare(
      'INSERT INTO ingest_device VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
    ),
    dual: db.prepare('SELECT state FROM ingest_dual WHERE device = ?'),
    putDual: db.prepare(
      'INSERT INTO ingest_dual VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
    ),
    putAlert: db.prepare('INSERT OR IGNORE INTO ingest_dual_alert VALUES (?, ?, ?, ?, ?, ?, ?)'),
    putSensor: db.prepare('INSERT OR REPLACE INTO ingest_sensor VALUES (?, ?, ?)'),
    models: db.prepare('SELECT sensor, metric, time, bytes FROM ingest_model WHERE sensor = ?'),
    putModel: db.prepare('INSERT OR REPLACE INTO ingest_model VALUES (?, ?, ?, ?)'),
    putText: db.prepare('INSERT INTO ingest_text(from_time, to_time, data) VALUES (?, ?, ?)'),
    dead: db.prepare(
      'INSERT INTO ingest_dead(device, topic, received, reason, payload) VALUES (?, ?, ?, ?, ?)',
    ),
    trimDead: db.prepare(
      `DELETE FROM ingest_dead WHERE id <= (SELECT max(id) FROM ingest_dead) - ${DEAD_MAX}`,
    ),
  };
}
