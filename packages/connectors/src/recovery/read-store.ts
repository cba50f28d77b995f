import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core';
import type { Checkpoint } from '@linnet/core/engine';
import { stateCodec } from '../runtime/index.ts';
import { recoveryPath } from './recovery-store.ts';
import { prepareSchema } from './schema.ts';
import { storeError } from './store-error.ts';

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
  const database = openStore(directory);
  try {
    return {
      checkpoint: checkpointOf(database),
      steps: database
        .prepare(
          `SELECT id, kind, count(key) AS keys, coalesce(sum(length(bytes)), 0) AS bytes
         FROM step LEFT JOIN state ON state.step = step.number GROUP BY step.number ORDER BY step.number`,
        )
        .all() as unknown as StateSummary['steps'],
      outputs: database
        .prepare('SELECT sink, count(*) AS records FROM output GROUP BY sink')
        .all() as unknown as StateSummary['outputs'],
      undelivered: database
        .prepare('SELECT sink, count(*) AS epochs FROM outbox GROUP BY sink')
        .all() as unknown as StateSummary['undelivered'],
    };
  } finally {
    database.close();
  }
}

/** The JSON of each record of the store's tables, in their order: all sinks, or one. */
export function* readOutputs(directory: string, sink?: string): Generator<string> {
  const database = openStore(directory);
  try {
    const rows = database
      .prepare('SELECT record FROM output WHERE ?1 IS NULL OR sink = ?1 ORDER BY sink, number')
      .iterate(sink ?? null);
    for (const { record } of rows as Iterable<{ record: string }>) yield record;
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
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    prepareSchema(database, path);
    return database;
  } catch (cause) {
    throw storeError(path, cause);
  }
}

function checkpointOf(database: DatabaseSync): Checkpoint | null {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'checkpoint'").get();
  return row === undefined ? null : (stateCodec.decode((row as { value: Uint8Array }).value) as Checkpoint);
}
