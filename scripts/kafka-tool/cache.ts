/** Where what was downloaded or built once is kept, for every checkout of this user. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'linnet', 'kafka');
}

/**
 * A folder of the cache, made by `make` the first time. Two processes that want it at once: one makes it, the other waits.
 * A make that was cut short leaves nothing that would be taken for whole.
 */
export function cached(name: string, make: (folder: string) => void): string {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  // The lock is a transaction held open: the system lets go of it when the process ends, however it ends.
  const lock = new DatabaseSync(join(cacheFolder(), `${name}.lock`), { timeout: 900_000 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    if (existsSync(folder)) return folder;
    const part = `${folder}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part);
    make(part);
    renameSync(part, folder);
    return folder;
  } finally {
    lock.close();
  }
}
