/** A small real server for tests: subscribes, commits to SQLite, then acknowledges. Every row is kept as it came, so that a duplicate shows. */
import { DatabaseSync } from 'node:sqlite';
import { inflateRawSync } from 'node:zlib';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { Received, ackOf, decodeFrame, encodeAck, isFrame, type Ack, type Frame } from '@linnet/core/wire';

export interface Row {
  readonly arrival: number;
  readonly device: string;
  readonly incarnation: string;
  readonly sequence: number;
  readonly live: number;
  readonly urgent: number;
  readonly payload: string;
  readonly at: number;
  readonly received: number;
}

export interface AckServerOptions extends IClientOptions {
  readonly url: string;
  /** File of the database; in memory when left out. */
  readonly database?: string;
  /** Called before each commit; may throw, as a crash would. */
  readonly beforeCommit?: () => void;
}

const inflate = (bytes: Uint8Array, bytesMax: number) => inflateRawSync(bytes, { maxOutputLength: bytesMax });

export class AckServer {
  readonly statuses: Record<string, unknown>[] = [];
  frames = 0;
  refused = 0;
  bytes = 0;
  /** While false nothing is committed or acknowledged: a server that hangs. */
  working = true;
  private readonly options: AckServerOptions;
  private readonly database: DatabaseSync;
  private client: MqttClient | undefined;

  constructor(options: AckServerOptions) {
    this.options = options;
    this.database = new DatabaseSync(options.database ?? ':memory:');
    this.database.exec(`PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS readings (arrival INTEGER PRIMARY KEY, device TEXT, incarnation TEXT,
        sequence INTEGER, live INTEGER, urgent INTEGER, payload TEXT, at INTEGER, received INTEGER) STRICT;
      CREATE TABLE IF NOT EXISTS received (key TEXT PRIMARY KEY, state TEXT) STRICT;`);
  }

  /** Connects and subscribes. */
  async start(): Promise<this> {
    const { url, ...options } = this.options;
    const client = connect(url, {
      clientId: 'server',
      clean: false,
      reconnectPeriod: 100,
      properties: { sessionExpiryInterval: 3600 },
      ...options,
    });
    this.client = client;
    client.on('error', () => {}); // Tried again by the client.
    client.handleMessage = ({ topic, payload }, done) => {
      if (this.working) this.take(topic, Buffer.from(payload));
      done();
    };
    await new Promise<void>((resolve) => client.once('connect', () => resolve()));
    await client.subscribeAsync('tele/#', { qos: 1 });
    return this;
  }

  rows(): Row[] {
    return this.database.prepare('SELECT * FROM readings ORDER BY arrival').all() as unknown as Row[];
  }

  count(): number {
    return Number(this.database.prepare('SELECT count(*) AS n FROM readings').get()?.['n']);
  }

  async stop(): Promise<void> {
    await this.client?.endAsync(true);
    this.database.close();
  }

  private take(topic: string, payload: Buffer): void {
    if (topic.endsWith('/status')) {
      this.statuses.push(JSON.parse(payload.toString()) as Record<string, unknown>);
      return;
    }
    if (!isFrame(payload)) return;
    this.bytes += payload.length;
    const frame = decodeFrame(payload, inflate);
    if (topic !== `tele/${frame.device}`) return;
    const ack = this.commit(frame);
    this.client?.publish(`cmd/${frame.device}/ack`, Buffer.from(encodeAck(ack)), { qos: 1 });
  }

  private commit(frame: Frame): Ack {
    const now = Date.now();
    const key = `${frame.device}/${frame.incarnation}`;
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const known = this.database.prepare('SELECT state FROM received WHERE key = ?').get(key)?.['state'];
      const received = new Received(known === undefined ? undefined : JSON.parse(String(known)));
      const verdict = received.take(frame);
      this.frames++;
      if (verdict.refused) this.refused++;
      const insert = this.database.prepare('INSERT INTO readings VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)');
      const [live, urgent] = [Number(frame.live), Number(frame.urgent)];
      for (const { sequence, at, payload } of verdict.refused ? [] : verdict.fresh) {
        const text = Buffer.from(payload).toString();
        insert.run(frame.device, frame.incarnation, sequence, live, urgent, text, at, now);
      }
      this.database
        .prepare('INSERT OR REPLACE INTO received VALUES (?, ?)')
        .run(key, JSON.stringify(received));
      this.options.beforeCommit?.();
      this.database.exec('COMMIT');
      return ackOf(frame, verdict, now);
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }
}

/** What an oracle says of stored rows against the numbers `n` that were recorded. */
export function judge(rows: readonly Row[], recorded: readonly number[]) {
  const stored = rows.map((row) => (JSON.parse(row.payload) as { n: number }).n);
  const once = new Set(stored);
  const last = new Map<string, number>();
  let outOfOrder = 0;
  for (const row of rows) {
    const lane = `${row.device}/${row.incarnation}/${row.live}`;
    if (row.sequence < (last.get(lane) ?? 0)) outOfOrder++;
    last.set(lane, row.sequence);
  }
  const lost = recorded.filter((n) => !once.has(n)).length;
  return {
    recorded: recorded.length,
    stored: once.size,
    lost,
    duplicated: stored.length - once.size,
    outOfOrder,
  };
}
