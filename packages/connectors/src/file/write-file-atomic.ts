import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LinnetError } from '@linnet/core';

/**
 * A file that appears under its name only when it is complete: written beside it under a temporary name, synced, renamed.
 * A crash leaves the old file untouched. A link keeps leading to its file, and a device or a pipe is written to as it is.
 */
export class AtomicFile {
  readonly path: string;
  /** Nothing for a device or a pipe, which has no name to come under later. */
  private readonly temporary: string | undefined;
  private readonly target: string;
  private descriptor = -1;

  /** @throws LinnetError `io.failed` when the folder cannot be written to, or the name is a folder's */
  constructor(path: string) {
    this.path = path;
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing?.isDirectory()) throw new LinnetError('io.failed', `cannot write ${path}: it is a folder`);
    this.target = existing === undefined ? path : realpathSync(path);
    if (existing === undefined || existing.isFile()) {
      this.temporary = join(dirname(this.target), `.${basename(this.target)}.${process.pid}.partial`);
    }
    this.descriptor = this.attempt(() => openSync(this.temporary ?? path, 'w', existing?.mode));
  }

  write(chunk: string | Uint8Array): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    this.attempt(() => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.descriptor, bytes, at);
    });
  }

  /** Makes what was written durable and gives it its name. */
  commit(): void {
    this.attempt(() => {
      if (this.temporary !== undefined) fsyncSync(this.descriptor);
      closeSync(this.descriptor);
      this.descriptor = -1;
      if (this.temporary !== undefined) renameSync(this.temporary, this.target);
    });
  }

  /** Drops what was written; does nothing after `commit`. */
  discard(): void {
    if (this.descriptor >= 0) closeSync(this.descriptor);
    this.descriptor = -1;
    if (this.temporary !== undefined) rmSync(this.temporary, { force: true });
  }

  private attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      this.discard();
      const { code, message } = cause as NodeJS.ErrnoException;
      const folder = dirname(this.path);
      const why = code === 'ENOENT' && !existsSync(folder) ? `there is no folder ${folder}` : message;
      throw new LinnetError('io.failed', `cannot write ${this.path}: ${why}`, { cause });
    }
  }
}

/** Writes a whole file atomically. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const file = new AtomicFile(path);
  file.write(content);
  file.commit();
}
