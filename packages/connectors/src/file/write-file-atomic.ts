import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LinnetError } from '@linnet/core';

/**
 * A file that appears under its name only when it is complete: written beside it under a temporary name, synced, renamed.
 * A crash leaves the old file untouched.
 */
export class AtomicFile {
  readonly path: string;
  private readonly temporary: string;
  private descriptor: number;

  /** @throws LinnetError `io.failed` when the folder cannot be written to */
  constructor(path: string) {
    this.path = path;
    this.temporary = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
    this.descriptor = this.attempt(() => openSync(this.temporary, 'w'));
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
      fsyncSync(this.descriptor);
      closeSync(this.descriptor);
      this.descriptor = -1;
      renameSync(this.temporary, this.path);
    });
  }

  /** Drops what was written; does nothing after `commit`. */
  discard(): void {
    if (this.descriptor >= 0) closeSync(this.descriptor);
    this.descriptor = -1;
    rmSync(this.temporary, { force: true });
  }

  private attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (this.descriptor !== undefined) this.discard();
      throw new LinnetError('io.failed', `cannot write ${this.path}: ${(cause as Error).message}`, { cause });
    }
  }
}

/** Writes a whole file atomically. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const file = new AtomicFile(path);
  file.write(content);
  file.commit();
}
