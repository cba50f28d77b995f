import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LinnetError } from '@linnet/core/base';

/** A file that after a power cut holds what it held before a write, or after it, and nothing else. */
export class StateFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
  }

  read(): Uint8Array | undefined {
    try {
      return readFileSync(this.path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new LinnetError('io.failed', `cannot read ${this.path}: ${(cause as Error).message}`, { cause });
    }
  }

  /** @throws LinnetError `io.failed` */
  write(bytes: Uint8Array): void {
    const fresh = `${this.path}.new`;
    try {
      const file = openSync(fresh, 'w', 0o600);
      try {
        writeFileSync(file, bytes);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(fresh, this.path);
      syncFolder(dirname(this.path));
    } catch (cause) {
      throw new LinnetError('io.failed', `cannot write ${this.path}: ${(cause as Error).message}`, { cause });
    }
  }
}

/** A rename is durable once its folder is; Windows does not let one be opened for it. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}
