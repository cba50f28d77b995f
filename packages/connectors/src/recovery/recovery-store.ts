import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Graph } from '@linnet/core';
import {
  isSink,
  type Backend,
  type Checkpoint,
  type Epoch,
  type StateEntry,
  type Undelivered,
} from '@linnet/core/engine';
import { stateCodec } from '../runtime/index.ts';
import { DirectoryLock } from './directory-lock.ts';
import { matchSteps, statefulSteps, type ChangeOptions, type StoredStep } from './flow-changes.ts';
import { prepareSchema } from './schema.ts';
import { storeError } from './store-error.ts';

export interface RecoveryOptions extends ChangeOptions {
  /** Give up everything that is stored. */
  readonly reset?: boolean;
}

type SqlKey = string | number;
type Statements = Record<'put' | 'remove' | 'output' | 'outbox' | 'delivered' | 'meta', StatementSync>;

const FILE = 'recovery.sqlite';

/** The file of a recovery folder. */
export function recoveryPath(directory: string): string {
  return join(directory, FILE);
}

/**
 * A flow's epochs in one SQLite file: offsets, watermarks, the changed states and the outputs of an epoch in one
 * transaction, synced to disk before it counts.
 */
export class RecoveryStore implements Backend {
  readonly checkpoint: Checkpoint | null;
  private readonly path: string;
  private readonly lock: DirectoryLock;
  private readonly database: DatabaseSync;
  private readonly numbers = new Map<string, number>();
  private readonly tables: ReadonlySet<string>;
  private readonly statements: Statements;
  private readonly nextOutput = new Map<string, number>();

  /**
   * @throws LinnetError `io.refused` while another process uses the folder, `io.failed`, `data.invalid` for a damaged file,
   * `flow.changed` when the stored states are not those of this flow
   */
  constructor(directory: string, graph: Graph, options: RecoveryOptions = {}) {
    this.lock = new DirectoryLock(directory);
    this.path = recoveryPath(directory);
    try {
      if (options.reset === true)
        for (const end of ['', '-wal', '-shm']) rmSync(this.path + end, { force: true });
      this.database = new DatabaseSync(this.path);
      this.database.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000',
      );
      prepareSchema(this.database, this.path);
      this.checkpoint = this.readCheckpoint();
      this.adopt(graph, options);
      this.tables = new Set(
        [...graph.steps.values()]
          .filter((step) => isSink(step) && step.sink.transactional === true)
          .map(({ id }) => id),
      );
      this.statements = prepare(this.database);
    } catch (cause) {
      this.lock.release();
      throw storeError(this.path, cause);
    }
  }

  *states(): Iterable<StateEntry> {
    const rows = this.database
      .prepare('SELECT id, key, bytes FROM state JOIN step ON step.number = state.step')
      .iterate();
    for (const row of rows as Iterable<{ id: string; key: SqlKey; bytes: Uint8Array<ArrayBuffer> }>) {
      yield { step: row.id, key: row.key, bytes: row.bytes };
    }
  }

  commit({ checkpoint, states, outputs }: Epoch): void {
    const { put, remove, meta } = this.statements;
    try {
      this.database.exec('BEGIN IMMEDIATE');
      for (const { step, key, bytes } of states) {
        const number = this.numbers.get(step) as number;
        if (bytes === null) remove.run(number, key);
        else put.run(number, key, bytes);
      }
      for (const [sink, items] of outputs) this.writeOutputs(sink, checkpoint.epoch, items);
      meta.run('checkpoint', stateCodec.encode(checkpoint));
      this.database.exec('COMMIT');
    } catch (cause) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      this.nextOutput.clear();
      throw storeError(this.path, cause);
    }
  }

  *undelivered(): Iterable<Undelivered> {
    const rows = this.database.prepare('SELECT sink, epoch, items FROM outbox ORDER BY epoch, sink').all();
    for (const { sink, epoch, items } of rows as { sink: string; epoch: number; items: Uint8Array }[]) {
      yield { sink, epoch, items: stateCodec.decode(items) as unknown[] };
    }
  }

  delivered(sink: string, epoch: number): void {
    this.statements.delivered.run(sink, epoch);
  }

  close(): void {
    this.database.close();
    this.lock.release();
  }

  private writeOutputs(sink: string, epoch: number, items: readonly unknown[]): void {
    if (items.length === 0) return;
    if (!this.tables.has(sink)) {
      this.statements.outbox.run(sink, epoch, stateCodec.encode(items));
      return;
    }
    let number = this.nextOutput.get(sink) ?? this.countOutputs(sink);
    for (const item of items) this.statements.output.run(sink, number++, epoch, JSON.stringify(item));
    this.nextOutput.set(sink, number);
  }

  private countOutputs(sink: string): number {
    const row = this.database.prepare('SELECT max(number) AS last FROM output WHERE sink = ?').get(sink);
    return ((row as { last: number | null }).last ?? -1) + 1;
  }

  private readCheckpoint(): Checkpoint | null {
    const row = this.database.prepare("SELECT value FROM meta WHERE name = 'checkpoint'").get();
    return row === undefined ? null : (stateCodec.decode((row as { value: Uint8Array }).value) as Checkpoint);
  }

  /** Gives the stored states to the steps of this flow. */
  private adopt(graph: Graph, options: ChangeOptions): void {
    const stored = this.database
      .prepare('SELECT id, kind, settings FROM step')
      .all() as unknown as StoredStep[];
    const matched = matchSteps(graph, stored, options);
    this.database.exec('BEGIN IMMEDIATE');
    for (const [id, successor] of matched) {
      if (successor === undefined) {
        this.database
          .prepare('DELETE FROM state WHERE step = (SELECT number FROM step WHERE id = ?)')
          .run(id);
        this.database.prepare('DELETE FROM step WHERE id = ?').run(id);
      } else if (successor !== id) {
        this.database.prepare('UPDATE step SET id = ? WHERE id = ?').run(successor, id);
      }
    }
    const add = this.database.prepare(
      'INSERT INTO step (id, kind, settings) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
    );
    for (const { id, kind, settings } of statefulSteps(graph)) add.run(id, kind, settings);
    this.database.exec('COMMIT');
    for (const { id, number } of this.database.prepare('SELECT id, number FROM step').all() as {
      id: string;
      number: number;
    }[]) {
      this.numbers.set(id, number);
    }
  }
}

function prepare(database: DatabaseSync): Statements {
  return {
    put: database.prepare(
      'INSERT INTO state VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes',
    ),
    remove: database.prepare('DELETE FROM state WHERE step = ? AND key = ?'),
    output: database.prepare('INSERT INTO output VALUES (?, ?, ?, ?)'),
    outbox: database.prepare('INSERT INTO outbox VALUES (?, ?, ?)'),
    delivered: database.prepare('DELETE FROM outbox WHERE sink = ? AND epoch = ?'),
    meta: database.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'),
  };
}
