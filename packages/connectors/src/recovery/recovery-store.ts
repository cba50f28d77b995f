import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Graph, JoinedStore, JoinedWriter } from '@linnet/core';
import {
  isSink,
  type Backend,
  type Checkpoint,
  type Epoch,
  type StateEntry,
  type Undelivered,
} from '@linnet/core/engine';
import { stateCodec } from '../runtime/index.ts';
import { adoptEnds, storedEnds } from './adopt-ends.ts';
import { adoptSteps } from './adopt-steps.ts';
import { DirectoryLock } from './directory-lock.ts';
import type { ChangeOptions } from './flow-changes.ts';
import { OutputTable } from './output-table.ts';
import { DamagedRow, blobCrc } from './row-checks.ts';
import { checkSchema, createSchema } from './schema.ts';
import { StateTable, inKeyOrder } from './state-table.ts';
import { storeError } from './store-error.ts';
import { copyTally, readMeta, readTally, type Tally } from './tally.ts';

export interface RecoveryOptions extends ChangeOptions {
  /** Give up everything that is stored. */
  readonly reset?: boolean;
  /** Told of trouble that stops nothing. */
  onTrouble?(message: string): void;
}

type Statements = Record<'outbox' | 'delivered' | 'meta', StatementSync>;

const FILE = 'recovery.sqlite';
/** Says that there was a store once: an empty file is damage then, not a beginning. */
const MARKER = 'README.txt';
const MARKER_TEXT = `This folder holds the recovery state of a Linnet flow. Its files belong together: copy or remove the whole
folder, and only while no run uses it. "linnet state FLOW --recovery FOLDER" shows what it holds.
`;
/** Writers to the same file that are ours (the history's compaction) hold it for less. */
const BUSY_MS = 10_000;
/** Pages of the states that change all the time stay in memory. */
const CACHE_KIB = 32_768;
/** A file up to this size is checked whole at the start (0.3 s), of a larger one the tables that a restart depends on. */
const CHECKED_WHOLE_BYTES = 2 ** 28;

/** The file of a recovery folder. */
export function recoveryPath(directory: string): string {
  return join(directory, FILE);
}

/**
 * A flow's epochs in one SQLite file: offsets, watermarks, the changed states and the outputs of an epoch in one
 * transaction, synced to disk before it counts. Every row has a checksum and the rows of each table are counted: what the
 * disk has changed is reported, never used.
 */
export class RecoveryStore implements Backend {
  readonly checkpoint: Checkpoint | null;
  private readonly path: string;
  private readonly lock: DirectoryLock;
  private readonly database: DatabaseSync;
  private readonly steps: ReadonlyMap<string, number>;
  private readonly tables: ReadonlySet<string>;
  private readonly stateTable: StateTable;
  private readonly outputTable: OutputTable;
  private readonly statements: Statements;
  /** Sinks with tables of their own in this store. */
  private readonly joined: ReadonlyMap<string, JoinedWriter<unknown>>;
  private tally: Tally;
  /** Deliveries that could not be noted when they were confirmed. */
  private confirmed: [sink: string, epoch: number][] = [];

  /**
   * @throws LinnetError `io.refused` while another process uses the folder, `io.failed`, `data.invalid` for a damaged file,
   * `flow.changed` when the stored states are not those of this flow
   */
  constructor(directory: string, graph: Graph, options: RecoveryOptions = {}) {
    this.lock = new DirectoryLock(directory);
    this.path = recoveryPath(directory);
    let database: DatabaseSync | undefined;
    try {
      database = openFile(directory, options.reset === true);
      this.database = database;
      this.tally = readTally(database);
      [this.checkpoint, this.steps] = this.adopt(graph, options);
      this.tables = new Set(
        [...graph.steps.values()]
          .filter((step) => isSink(step) && step.sink.transactional === true)
          .map(({ id }) => id),
      );
      this.stateTable = new StateTable(database);
      this.outputTable = new OutputTable(database);
      this.statements = prepare(database);
      const shared = new Map<string, unknown>();
      const trouble = (message: string) => options.onTrouble?.(message);
      this.joined = joinSinks(graph, { database, path: this.path, shared, trouble });
    } catch (cause) {
      database?.close();
      this.lock.release();
      throw storeError(this.path, cause);
    }
  }

  *states(): Iterable<StateEntry> {
    try {
      for (const [id, number] of this.steps) yield* this.stateTable.entries(number, id, this.tally);
    } catch (cause) {
      throw storeError(this.path, cause);
    }
  }

  commit({ checkpoint, states, outputs }: Epoch): void {
    const tally = copyTally(this.tally);
    try {
      this.database.exec('BEGIN IMMEDIATE');
      for (const { step, key, bytes } of inKeyOrder(states))
        this.stateTable.put(this.steps.get(step) as number, key, bytes, tally);
      for (const [sink, items] of outputs) this.writeOutputs(sink, checkpoint.epoch, items, tally);
      for (const [sink, epoch] of this.confirmed) this.statements.delivered.run(sink, epoch);
      this.writeMeta('tally', tally);
      this.writeMeta('checkpoint', checkpoint);
      this.database.exec('COMMIT');
    } catch (cause) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw storeError(this.path, cause);
    }
    this.tally = tally;
    this.confirmed = [];
    for (const writer of this.joined.values()) writer.committed?.();
  }

  *undelivered(): Iterable<Undelivered> {
    const rows = this.database
      .prepare('SELECT sink, epoch, crc, items FROM outbox ORDER BY epoch, sink')
      .all();
    for (const row of rows as { sink: string; epoch: number; crc: number; items: Uint8Array }[]) {
      const { sink, epoch, crc, items } = row;
      if (blobCrc(`${sink} ${epoch}`, items) !== crc)
        throw storeError(this.path, new DamagedRow(`what waits for sink "${sink}", epoch ${epoch},`));
      yield { sink, epoch, items: stateCodec.decode(items) as unknown[] };
    }
  }

  delivered(sink: string, epoch: number): void {
    try {
      this.statements.delivered.run(sink, epoch);
    } catch (cause) {
      const error = storeError(this.path, cause);
      if (!error.retryable) throw error;
      // A full disk: the next commit that finds room confirms it too.
      this.confirmed.push([sink, epoch]);
    }
  }

  async close(): Promise<void> {
    try {
      for (const writer of this.joined.values()) await writer.close();
    } finally {
      this.database.close();
      this.lock.release();
    }
  }

  /** Takes over what the store holds for the steps of this flow, all of it or nothing. */
  private adopt(graph: Graph, options: RecoveryOptions): [Checkpoint | null, Map<string, number>] {
    const { database } = this;
    const stored = (readMeta(database, 'checkpoint') as Checkpoint | undefined) ?? null;
    database.exec('BEGIN IMMEDIATE');
    try {
      const steps = adoptSteps(database, graph, options, this.tally, storedEnds(database, stored));
      const checkpoint = adoptEnds(database, graph, options, stored);
      if (checkpoint !== null && checkpoint !== stored) {
        const bytes = stateCodec.encode(checkpoint);
        const put = database.prepare('INSERT OR REPLACE INTO meta (name, value, crc) VALUES (?, ?, ?)');
        put.run('checkpoint', bytes, blobCrc('checkpoint', bytes));
      }
      database.exec('COMMIT');
      return [checkpoint, steps];
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  private writeOutputs(sink: string, epoch: number, items: readonly unknown[], tally: Tally): void {
    if (items.length === 0) return;
    const joined = this.joined.get(sink);
    if (joined !== undefined) {
      joined.write(items);
      return;
    }
    if (this.tables.has(sink)) {
      this.outputTable.append(sink, epoch, items, tally);
      return;
    }
    const bytes = stateCodec.encode(items);
    this.statements.outbox.run(sink, epoch, blobCrc(`${sink} ${epoch}`, bytes), bytes);
  }

  private writeMeta(name: string, value: unknown): void {
    const bytes = stateCodec.encode(value);
    this.statements.meta.run(name, bytes, blobCrc(name, bytes));
  }
}

function openFile(directory: string, reset: boolean): DatabaseSync {
  const path = recoveryPath(directory);
  const marker = join(directory, MARKER);
  if (reset) for (const file of [marker, path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
  const known = existsSync(marker);
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    database.exec(
      // The log is given back to the disk after a burst; pages of the history go back after its retention.
      `PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
       PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA journal_size_limit = ${2 ** 26}`,
    );
    const created = !known && createSchema(database);
    checkSchema(database, path);
    if (!created) checkPages(database, statSync(path).size);
    if (!known) writeFileSync(marker, MARKER_TEXT);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** @throws DamagedRow where the pages of the file do not fit together */
function checkPages(database: DatabaseSync, bytes: number): void {
  const whole = bytes <= CHECKED_WHOLE_BYTES;
  const checks = whole ? [''] : ['meta', 'step', 'state', 'outbox'].map((table) => `('${table}')`);
  for (const check of checks) {
    const row = database.prepare(`PRAGMA quick_check${check}`).get() as { quick_check: string };
    if (row.quick_check !== 'ok') throw new DamagedRow(`a page (${row.quick_check.replaceAll('\n', ' ')})`);
  }
}

function joinSinks(graph: Graph, store: JoinedStore): Map<string, JoinedWriter<unknown>> {
  const joined = new Map<string, JoinedWriter<unknown>>();
  for (const step of graph.steps.values()) {
    const writer = isSink(step) ? step.sink.join?.(store) : undefined;
    if (writer !== undefined) joined.set(step.id, writer);
  }
  return joined;
}

function prepare(database: DatabaseSync): Statements {
  return {
    outbox: database.prepare('INSERT INTO outbox (sink, epoch, crc, items) VALUES (?, ?, ?, ?)'),
    delivered: database.prepare('DELETE FROM outbox WHERE sink = ? AND epoch = ?'),
    meta: database.prepare('INSERT OR REPLACE INTO meta (name, value, crc) VALUES (?, ?, ?)'),
  };
}
