/**
 * A lane's state on this machine, so that a member that comes back need not read the changelog from its beginning. It holds
 * the state of one instant with the changelog's offset of that instant, in one transaction; what is not whole is wiped.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

const VERSION = 1;

export interface Change {
  readonly id: string;
  readonly bytes: Uint8Array | null;
}

export class LocalStore {
  private readonly database: DatabaseSync;
  private readonly put: StatementSync;
  private readonly remove: StatementSync;

  private constructor(database: DatabaseSync) {
    this.database = database;
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS state (id TEXT PRIMARY KEY, bytes BLOB) WITHOUT ROWID;`);
    this.put = database.prepare('INSERT OR REPLACE INTO state VALUES (?, ?)');
    this.remove = database.prepare('DELETE FROM state WHERE id = ?');
  }

  /**
   * @param identity of the changelog: state of another one is worth nothing, and wiped
   * @returns undefined where the folder cannot be written to: a lane does without
   */
  static open(folder: string, lane: number, identity: string): LocalStore | undefined {
    const path = join(folder, `lane-${lane}.sqlite`);
    try {
      mkdirSync(folder, { recursive: true });
    } catch {
      return undefined;
    }
    for (const wipe of [false, true]) {
      try {
        if (wipe) for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
        const store = new LocalStore(new DatabaseSync(path));
        if (store.check(identity)) return store;
        store.close();
      } catch {
        // Damaged, of another version or on a full disk: begun anew, or done without.
      }
    }
    return undefined;
  }

  /** Offset of the changelog behind what is stored; 0 when nothing is. */
  get offset(): number {
    return Number(this.meta('offset') ?? 0);
  }

  *states(): Iterable<{ readonly id: string; readonly bytes: Uint8Array }> {
    for (const row of this.database.prepare('SELECT id, bytes FROM state').iterate())
      yield { id: row['id'] as string, bytes: row['bytes'] as Uint8Array };
  }

  /** @throws Error when the disk is full: nothing was written */
  save(changes: Iterable<Change>, offset: number): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      for (const { id, bytes } of changes) {
        if (bytes === null) this.remove.run(id);
        else this.put.run(id, bytes);
      }
      this.setMeta('offset', String(offset));
      this.database.exec('COMMIT');
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.database.close();
  }

  private check(identity: string): boolean {
    const version = this.meta('version');
    if (version === undefined) {
      this.setMeta('version', String(VERSION));
      this.setMeta('topic', identity);
      return true;
    }
    return version === String(VERSION) && this.meta('topic') === identity;
  }

  private meta(name: string): string | undefined {
    return this.database.prepare('SELECT value FROM meta WHERE name = ?').get(name)?.['value'] as
      string | undefined;
  }

  private setMeta(name: string, value: string): void {
    this.database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(name, value);
  }
}
