/** A folder of the file system as the log's disk. */
import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { LinnetError } from '@linnet/core/base';
import type { Disk } from './disk.ts';

export class NodeDisk implements Disk {
  private readonly folder: string;
  private readonly open = new Map<string, number>();
  /** Descriptors that a sync works on now: closed by it when they are released meanwhile. */
  private readonly syncing = new Set<number>();
  private readonly released = new Set<number>();

  /** @throws LinnetError `io.failed` when the folder cannot be made */
  constructor(folder: string) {
    this.folder = folder;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new LinnetError('io.failed', `cannot make the buffer ${folder}: ${(cause as Error).message}`, {
        cause,
      });
    }
  }

  list(): { name: string; bytes: number }[] {
    return readdirSync(this.folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => ({ name, bytes: statSync(join(this.folder, name)).size }));
  }

  create(name: string): void {
    this.open.set(name, openSync(join(this.folder, name), 'wx+', 0o600));
    this.syncFolder();
  }

  write(name: string, position: number, bytes: Uint8Array): number {
    return writeSync(this.descriptor(name), bytes, 0, bytes.length, position);
  }

  read(name: string, position: number, length: number): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(length);
    const descriptor = this.open.get(name) ?? openSync(join(this.folder, name), 'r');
    try {
      let at = 0;
      while (at < length) {
        const got = readSync(descriptor, bytes, at, length - at, position + at);
        if (got === 0) break;
        at += got;
      }
      return bytes.subarray(0, at);
    } finally {
      if (!this.open.has(name)) closeSync(descriptor);
    }
  }

  truncate(name: string, length: number): void {
    const descriptor = this.open.get(name);
    if (descriptor === undefined) truncateSync(join(this.folder, name), length);
    else ftruncateSync(descriptor, length);
  }

  remove(name: string): void {
    this.release(name);
    rmSync(join(this.folder, name), { force: true });
  }

  sync(name: string, done: (error?: Error) => void): void {
    const descriptor = this.descriptor(name);
    this.syncing.add(descriptor);
    fdatasync(descriptor, (error) => {
      this.syncing.delete(descriptor);
      if (this.released.delete(descriptor)) closeSync(descriptor);
      if (error === null) done();
      else done(error);
    });
  }

  close(): void {
    for (const name of this.open.keys()) this.release(name);
  }

  private release(name: string): void {
    const descriptor = this.open.get(name);
    if (descriptor === undefined) return;
    this.open.delete(name);
    if (this.syncing.has(descriptor)) this.released.add(descriptor);
    else closeSync(descriptor);
  }

  private descriptor(name: string): number {
    const known = this.open.get(name);
    if (known !== undefined) return known;
    const descriptor = openSync(join(this.folder, name), 'r+');
    this.open.set(name, descriptor);
    return descriptor;
  }

  /** A new name is durable only once its folder is; a platform that cannot sync a folder does without. */
  private syncFolder(): void {
    if (process.platform === 'win32') return;
    const descriptor = openSync(this.folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}
