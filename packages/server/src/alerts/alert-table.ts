import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Alert } from '../watch/alert.ts';

/** An alert in the store, as JSON; ids ascend. */
export interface WaitingAlert {
  readonly id: number;
  readonly text: string;
}

/** Alerts kept for an endpoint that is away; the oldest go first. */
const ALERTS_MAX = 100_000;
const AT_ONCE = 100;

const TABLES = `
  -- Alerts on their way to sinks, written by the transaction that raised them; and how far each sink has come.
  CREATE TABLE IF NOT EXISTS ingest_alert(id INTEGER PRIMARY KEY AUTOINCREMENT, alert TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS ingest_alert_sink(sink TEXT PRIMARY KEY, delivered INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** The outbox of alerts: kept until every sink has taken them. All but `next` run in the caller's transaction. */
export class AlertTable {
  private readonly statements: Record<keyof ReturnType<typeof prepare>, StatementSync>;

  constructor(db: DatabaseSync) {
    db.exec(TABLES);
    this.statements = prepare(db);
  }

  /** From now on alerts are kept for these sinks alone; a new one begins with the next alert. */
  keepFor(sinks: readonly string[]): void {
    const { sinks: known, dropSink, addSink } = this.statements;
    for (const { sink } of known.all()) if (!sinks.includes(sink as string)) dropSink.run(sink as string);
    for (const sink of sinks) addSink.run(sink);
    this.trim();
  }

  append(alerts: readonly Alert[]): void {
    const { sinks, add } = this.statements;
    if (alerts.length === 0 || sinks.get() === undefined) return;
    for (const alert of alerts) add.run(JSON.stringify(alert));
    this.trim();
  }

  delivered(sink: string, id: number): void {
    this.statements.moveSink.run(id, sink);
    this.trim();
  }

  /** The next alerts for a sink. @param after id of the last that it took, where that is known better than the table does */
  next(sink: string, after: number | undefined): WaitingAlert[] {
    const from = after ?? Number(this.statements.sink.get(sink)?.['delivered'] ?? 0);
    return this.statements.next.all(from, AT_ONCE) as unknown as WaitingAlert[];
  }

  private trim(): void {
    this.statements.trim.run();
  }
}

function prepare(db: DatabaseSync) {
  return {
    sinks: db.prepare('SELECT sink FROM ingest_alert_sink'),
    sink: db.prepare('SELECT delivered FROM ingest_alert_sink WHERE sink = ?'),
    dropSink: db.prepare('DELETE FROM ingest_alert_sink WHERE sink = ?'),
    addSink: db.prepare(
      `INSERT OR IGNORE INTO ingest_alert_sink
       VALUES (?, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'ingest_alert'), 0))`,
    ),
    moveSink: db.prepare('UPDATE ingest_alert_sink SET delivered = ? WHERE sink = ?'),
    add: db.prepare('INSERT INTO ingest_alert(alert) VALUES (?)'),
    next: db.prepare('SELECT id, alert AS text FROM ingest_alert WHERE id > ? ORDER BY id LIMIT ?'),
    trim: db.prepare(
      `DELETE FROM ingest_alert WHERE id <= max(
         coalesce((SELECT min(delivered) FROM ingest_alert_sink), (SELECT max(id) FROM ingest_alert)),
         coalesce((SELECT max(id) FROM ingest_alert), 0) - ${ALERTS_MAX})`,
    ),
  };
}
