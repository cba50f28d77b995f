import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core';

/**
 * Makes sure that one process alone writes to a folder. The lock is a transaction held open on a database of its own: the
 * operating system lets go of it when the process ends, however it ends.
 */
export class DirectoryLock {
  private readonly database: DatabaseSync;

  /** @throws LinnetError `io.refused` while another process holds it, `io.failed` when the folder cannot be written to */
  constructor(directory: string) {
    let database: DatabaseSync | undefined;
    try {
      mkdirSync(directory, { recursive: true });
      database = new DatabaseSync(join(directory, 'lock.sqlite'));
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      this.database = database;
    } catch (cause) {
      database?.close();
      const { message } = cause as Error;
      if (/locked/.test(message)) {
        throw new LinnetError(
          'io.refused',
          `${directory} is in use by another process; stop that one or give another folder`,
          { cause },
        );
      }
      throw new LinnetError('io.failed', `cannot use ${directory}: ${message}`, { cause });
    }
  }

  release(): void {
    this.database.close();
  }
}
