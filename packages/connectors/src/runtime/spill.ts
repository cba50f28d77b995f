import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core';
import type { ColdStore, HotKeys, Key } from '@linnet/core/engine';

/** How much is kept in memory of the keys of each keyBy, over all workers. */
export interface MemoryOptions {
  /** Most keys; without it as many as fit into `stateBytes`. */
  readonly hotKeys?: number;
  readonly stateBytes: number;
  /** Where the states of the others go while the run lasts; a folder of the system's for temporary files if not given. */
  readonly directory?: string;
}

/** Pages of the file that are kept in memory, in KiB. */
const CACHE_KIB = 32_768;

/**
 * The states of keys that do not fit into memory, in a file that the run removes. It need not survive: what must is in the recovery
 * store, epoch by epoch. So it is one transaction that is never committed, without a journal and without syncs.
 */
export class Spill implements ColdStore {
  private readonly database: DatabaseSync;
  private readonly folder: string;
  private readonly numbers = new Map<string, number>();
  private readonly statements: Record<'put' | 'get' | 'remove' | 'expire', StatementSync>;

  /** @throws LinnetError `io.failed` where the folder cannot be written to */
  constructor(directory = tmpdir()) {
    let folder: string | undefined;
    try {
      folder = mkdtempSync(join(directory, 'linnet-spill-'));
      this.database = new DatabaseSync(join(folder, 'cold.sqlite'));
      this.database.exec(
        `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY; BEGIN;
         CREATE TABLE cold (step INTEGER NOT NULL, key ANY NOT NULL, touched REAL, bytes BLOB NOT NULL, PRIMARY KEY (step, key)) STRICT, WITHOUT ROWID;
         CREATE INDEX expiry ON cold (step, touched) WHERE touched IS NOT NULL;`,
      );
      // Gone from the folder at once, also when the process is killed; the open file stays until it ends.
      if (process.platform !== 'win32') rmSync(folder, { recursive: true });
    } catch (cause) {
      throw spillError(directory, cause);
    }
    this.folder = folder;
    this.statements = {
      put: this.database.prepare(
        'INSERT OR REPLACE INTO cold (step, key, touched, bytes) VALUES (?, ?, ?, ?)',
      ),
      get: this.database.prepare('SELECT bytes FROM cold WHERE step = ? AND key = ?'),
      remove: this.database.prepare('DELETE FROM cold WHERE step = ? AND key = ?'),
      expire: this.database.prepare('DELETE FROM cold WHERE step = ? AND touched < ? RETURNING key'),
    };
    this.statements.get.setReturnArrays(true);
    this.statements.expire.setReturnArrays(true);
  }

  put(step: string, key: Key, bytes: Uint8Array, touched: number | null): void {
    try {
      this.statements.put.run(this.number(step), key, touched, bytes);
    } catch (cause) {
      throw spillError(this.folder, cause);
    }
  }

  get(step: string, key: Key): Uint8Array<ArrayBuffer> | undefined {
    const row = this.statements.get.get(this.number(step), key) as unknown;
    return (row as [Uint8Array<ArrayBuffer>] | undefined)?.[0];
  }

  remove(step: string, key: Key): void {
    this.statements.remove.run(this.number(step), key);
  }

  expire(step: string, cutoff: number): readonly Key[] {
    const rows = this.statements.expire.all(this.number(step), cutoff) as unknown as [Key][];
    return rows.map(([key]) => key);
  }

  close(): void {
    this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private number(step: string): number {
    const found = this.numbers.get(step);
    if (found !== undefined) return found;
    this.numbers.set(step, this.numbers.size);
    return this.numbers.size - 1;
  }
}

/** What one of `workers` keeps, and a file of its own for the rest, which exists from the first need on. */
export function hotKeys(
  { hotKeys: keys, stateBytes, directory }: MemoryOptions,
  workers: number,
): HotKeys & { close(): void } {
  let spill: Spill | undefined;
  return {
    ...(keys !== undefined && { keysMax: Math.ceil(keys / workers) }),
    stateBytes: stateBytes / workers,
    open: () => (spill ??= new Spill(directory)),
    close: () => spill?.close(),
  };
}

function spillError(folder: string, cause: unknown): LinnetError {
  const why = (cause as Error).message;
  return new LinnetError(
    'io.failed',
    `cannot keep the states of keys that do not fit into memory in ${folder}: ${why}; make room there, or give --state-memory or --hot-keys more`,
    { cause },
  );
}
