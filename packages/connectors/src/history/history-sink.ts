import { DatabaseSync } from 'node:sqlite';
import {
  LinnetError,
  milliseconds,
  type Duration,
  type JoinedStore,
  type JoinedWriter,
  type Sink,
  type SinkWriter,
} from '@linnet/core';
import { bytesOf, type ByteSize } from './byte-size.ts';
import { HistoryBuffer, type HistoryColumns } from './history-buffer.ts';
import { HistoryKeeper } from './history-keeper.ts';
import { HistoryWriter } from './history-writer.ts';
import { openStore, storePath } from './format.ts';
import { transaction } from './meta.ts';
import type { Retention } from './retain.ts';

export interface HistoryOptions<T> extends HistoryColumns<T> {
  /** Where the history lies when the flow is run without --recovery; `history.db` if not given, false for nowhere. */
  readonly file?: string | false;
  /** Give up readings that are older than this, counted back from the newest one: `90d`. */
  readonly age?: Duration;
  /** Give up the oldest readings when all take more than this: `10GB`. */
  readonly size?: ByteSize;
}

/** Readings of one tail: bounds what is held in memory, and a blob of the database. */
const ROWS_AT_ONCE = 131_072;
/** Without a recovery store what has gathered is written at this interval at the latest. */
const INTERVAL_MS = 1000;

/**
 * A sink that keeps every record as a reading in the history, to be read back by `linnet query`: by sensor and time, in
 * full or thinned out. In a run with --recovery it lies in the recovery store, in the same transaction as the flow's state:
 * each reading exactly once, whatever happens. Otherwise it is a file of its own, to which each run adds.
 *
 * A record without a usable sensor or time is left out and told. Cost: about 0.2 microseconds and 6 bytes of disk a reading.
 *
 * @example
 * scored.sink('history', history({
 *   sensor: ({ value }) => value.sensor,
 *   time: ({ value }) => value.time,
 *   metrics: { 'pm2.5': ({ value }) => value.pm25 },
 *   score: ({ score }) => score,
 *   anomaly: ({ score, ready }) => ready && score > 0.7,
 * }));
 * @throws LinnetError `config.invalid`
 */
export function history<T>(options: HistoryOptions<T>): Sink<T> {
  const { file = 'history.db', age, size } = options;
  const retention = {
    ...(age !== undefined && { ageMs: milliseconds(age, 'history: age') }),
    ...(size !== undefined && { bytesMax: bytesOf(size, 'history: size') }),
  };
  const buffer = () => new HistoryBuffer(options);
  buffer();
  return {
    kind: 'history',
    transactional: true,
    join(store) {
      return new JoinedHistory(store, buffer(), (path) => new HistoryKeeper(path, retention));
    },
    open({ trouble }) {
      return file === false ? null : new OwnHistory(file, buffer(), retention, trouble);
    },
  };
}

/** The history within a recovery store. */
class JoinedHistory<T> implements JoinedWriter<T> {
  private readonly store: JoinedStore;
  private readonly database: DatabaseSync;
  private readonly buffer: HistoryBuffer<T>;
  private readonly writer: HistoryWriter;
  private readonly keeper: HistoryKeeper;
  private rows = 0;

  constructor(store: JoinedStore, buffer: HistoryBuffer<T>, keep: (path: string) => HistoryKeeper) {
    const { database, shared } = store;
    if (!(database instanceof DatabaseSync))
      throw new LinnetError('config.invalid', 'the history needs the recovery store on SQLite');
    this.store = store;
    this.database = database;
    this.buffer = buffer;
    this.writer = new HistoryWriter(database);
    const found = shared.get('history-keeper');
    this.keeper = found instanceof HistoryKeeper ? found : keep(store.path);
    shared.set('history-keeper', this.keeper);
  }

  write(items: readonly T[]): void {
    this.rows = 0;
    for (let at = 0; at < items.length; at += ROWS_AT_ONCE) {
      this.buffer.clear();
      this.buffer.add(items.length <= ROWS_AT_ONCE ? items : items.slice(at, at + ROWS_AT_ONCE));
      this.writer.append(this.buffer.batch());
      this.rows += this.buffer.rows;
    }
  }

  committed(): void {
    this.buffer.tell(this.store.trouble);
    this.keeper.wrote(this.rows, this.store.trouble);
    this.rows = 0;
  }

  close(): Promise<void> {
    return this.keeper.close(this.database, this.store.trouble);
  }
}

/** The history in a file of its own. */
class OwnHistory<T> implements SinkWriter<T> {
  private readonly path: string;
  private readonly database: DatabaseSync;
  private readonly buffer: HistoryBuffer<T>;
  private readonly writer: HistoryWriter;
  private readonly keeper: HistoryKeeper;
  private readonly trouble: (message: string) => void;
  private written = Date.now();

  constructor(
    file: string,
    buffer: HistoryBuffer<T>,
    retention: Retention,
    trouble: (message: string) => void,
  ) {
    this.path = storePath(file);
    this.database = openStore(file);
    this.buffer = buffer;
    this.writer = new HistoryWriter(this.database);
    this.keeper = new HistoryKeeper(this.path, retention);
    this.trouble = trouble;
  }

  write(items: readonly T[]): Promise<void> {
    this.buffer.add(items);
    const due = this.buffer.rows >= ROWS_AT_ONCE || Date.now() - this.written >= INTERVAL_MS;
    if (due) this.flush();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    try {
      this.flush();
      await this.keeper.close(this.database, this.trouble);
    } finally {
      this.database.close();
    }
  }

  private flush(): void {
    const { rows } = this.buffer;
    try {
      transaction(this.database, () => this.writer.append(this.buffer.batch()));
    } catch (cause) {
      if (cause instanceof LinnetError) throw cause;
      throw new LinnetError('io.failed', `cannot write ${this.path}: ${(cause as Error).message}`, { cause });
    }
    this.buffer.clear();
    this.buffer.tell(this.trouble);
    this.keeper.wrote(rows, this.trouble);
    this.written = Date.now();
  }
}
