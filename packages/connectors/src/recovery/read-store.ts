import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core';
import type { Checkpoint, StateEntry } from '@linnet/core/engine';
import { openReadOnly } from '../history/index.ts';
import { readRecords } from './output-table.ts';
import { recoveryPath } from './recovery-store.ts';
import { checkSchema } from './schema.ts';
import { StateTable } from './state-table.ts';
import { storeError } from './store-error.ts';
import { readMeta, readTally } from './tally.ts';

/** What a recovery store holds, in figures. */
export interface StateSummary {
  /** Null before the first commit. */
  readonly checkpoint: Checkpoint | null;
  readonly steps: readonly {
    readonly id: string;
    readonly kind: string;
    readonly keys: number;
    readonly bytes: number;
  }[];
  /** Records by sink: kept in the store, or waiting to be delivered. */
  readonly outputs: readonly { readonly sink: string; readonly records: number }[];
  readonly undelivered: readonly { readonly sink: string; readonly epochs: number }[];
}

/** @throws LinnetError `io.not-found` where no flow was run, `data.invalid` for a damaged store */
export function readState(directory: string): StateSummary {
  return reading(directory, (database) => ({
    checkpoint: (readMeta(database, 'checkpoint') as Checkpoint | undefined) ?? null,
    steps: database
      .prepare(
        `SELECT id, kind, count(key) AS keys, coalesce(sum(length(bytes)), 0) AS bytes
         FROM step LEFT JOIN state ON state.step = step.number GROUP BY step.number ORDER BY step.number`,
      )
      .all() as unknown as StateSummary['steps'],
    outputs: [...readTally(database).outputs].map(([sink, [records]]) => ({ sink, records })),
    undelivered: database
      .prepare('SELECT sink, count(*) AS epochs FROM outbox GROUP BY sink')
      .all() as unknown as StateSummary['undelivered'],
  }));
}

/** The states of one step by key, as its operator wrote them. */
export function* readStates(directory: string, step: string): Generator<StateEntry> {
  const database = openStore(directory);
  try {
    database.exec('BEGIN');
    const row = database.prepare('SELECT number FROM step WHERE id = ?').get(step);
    if (row === undefined) return;
    const number = (row as { number: number }).number;
    yield* new StateTable(database).entries(number, step, readTally(database));
  } catch (cause) {
    throw storeError(recoveryPath(directory), cause);
  } finally {
    database.close();
  }
}

/**
 * The JSON of each record of the store's tables, in their order: all sinks, or one.
 * @throws LinnetError as `readState` does, also behind records that were good
 */
export function* readOutputs(directory: string, sink?: string): Generator<string> {
  const database = openStore(directory);
  try {
    database.exec('BEGIN');
    yield* readRecords(database, readTally(database), sink);
  } catch (cause) {
    throw storeError(recoveryPath(directory), cause);
  } finally {
    database.close();
  }
}

/** Reads one state of the store, also while a run writes to it. */
function reading<T>(directory: string, read: (database: DatabaseSync) => T): T {
  const database = openStore(directory);
  try {
    database.exec('BEGIN');
    return read(database);
  } catch (cause) {
    throw storeError(recoveryPath(directory), cause);
  } finally {
    database.close();
  }
}

function openStore(directory: string): DatabaseSync {
  const path = recoveryPath(directory);
  if (!existsSync(path)) {
    throw new LinnetError(
      'io.not-found',
      `${directory} holds no recovery store; run a flow with --recovery ${directory}`,
    );
  }
  let database: DatabaseSync | undefined;
  try {
    database = openReadOnly(path);
    checkSchema(database, path);
    return database;
  } catch (cause) {
    database?.close();
    throw storeError(path, cause);
  }
}
