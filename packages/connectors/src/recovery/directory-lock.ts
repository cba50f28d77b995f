import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core';

const BUSY = 5;

/**
 * Makes sure that one process alone writes to a folder. The lock is a transaction held open on a database of its own: the
 * operating system lets go of it when the process ends, however it ends. The number of the process lies beside it, to be
 * read by those who are refused.
 */
export class DirectoryLock {
  private readonly database: DatabaseSync;
  private readonly owner: string;

  /** @throws LinnetError `io.refused` while another process holds it, `io.failed` when the folder cannot be written to */
  constructor(directory: string) {
    this.owner = join(directory, 'lock.pid');
    let database: DatabaseSync | undefined;
    try {
      mkdirSync(directory, { recursive: true });
      database = new DatabaseSync(join(directory, 'lock.sqlite'));
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      writeFileSync(this.owner, `${process.pid}\n`);
      this.database = database;
    } catch (cause) {
      database?.close();
      const { message, errcode = 0 } = cause as Error & { errcode?: number };
      if ((errcode & 0xff) === BUSY) {
        throw new LinnetError(
          'io.refused',
          `${directory} is in use by ${this.ownerName()}; stop that one or give another folder`,
          { cause },
        );
      }
      throw new LinnetError(
        'io.failed',
        `${directory} cannot be written to (${message}): give another folder, or make it writable`,
        { cause },
      );
    }
  }

  release(): void {
    // Before the lock is let go of: the next owner's number must stay.
    rmSync(this.owner, { force: true });
    this.database.close();
  }

  /** The lock is taken a moment before the number is written, so the number may be that of the owner before. */
  private ownerName(): string {
    try {
      const pid = Number.parseInt(readFileSync(this.owner, 'utf8'), 10);
      process.kill(pid, 0);
      return `process ${pid}`;
    } catch (error) {
      const alive = (error as NodeJS.ErrnoException).code === 'EPERM';
      return alive ? `process ${readFileSync(this.owner, 'utf8').trim()}` : 'another process';
    }
  }
}
