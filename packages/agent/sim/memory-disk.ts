/**
 * A disk in memory for tests and the simulator: what is synced survives a crash, of the rest a prefix of the bytes that were written, and
 * every call may fail as the plan says.
 */
import type { Disk } from '../src/log/disk.ts';

export interface DiskFaults {
  /** Asked before each call; a code makes the call fail, `short` writes half. */
  readonly fault: (call: 'create' | 'write' | 'sync' | 'truncate' | 'read' | 'remove') => string | undefined;
  /** Runs the completion of a sync, later. */
  readonly later: (work: () => void) => void;
  /** Bytes that all files together may have. */
  readonly capacity: number;
}

interface File {
  bytes: Uint8Array;
  durable: number;
}

export class MemoryDisk implements Disk {
  readonly files = new Map<string, File>();
  private readonly faults: DiskFaults;
  private life = 0;

  constructor(faults: Partial<DiskFaults> = {}) {
    this.faults = { fault: () => undefined, later: (work) => work(), capacity: Infinity, ...faults };
  }

  list(): { name: string; bytes: number }[] {
    return [...this.files].map(([name, { bytes }]) => ({ name, bytes: bytes.length }));
  }

  create(name: string): void {
    this.check('create');
    if (this.files.has(name)) throw failure('EEXIST');
    this.files.set(name, { bytes: new Uint8Array(), durable: 0 });
  }

  write(name: string, position: number, bytes: Uint8Array): number {
    const fault = this.faults.fault('write');
    if (fault !== undefined && fault !== 'short') throw failure(fault);
    const file = this.file(name);
    const free = this.faults.capacity - this.used();
    const wanted = fault === 'short' ? Math.max(1, bytes.length >> 1) : bytes.length;
    const count = Math.min(wanted, Math.max(0, free - Math.max(0, position - file.bytes.length)));
    if (count <= 0) throw failure('ENOSPC');
    const grown = new Uint8Array(Math.max(file.bytes.length, position + count));
    grown.set(file.bytes);
    grown.set(bytes.subarray(0, count), position);
    file.bytes = grown;
    file.durable = Math.min(file.durable, position);
    return count;
  }

  read(name: string, position: number, length: number): Uint8Array {
    this.check('read');
    return this.file(name).bytes.slice(position, position + length);
  }

  truncate(name: string, length: number): void {
    this.check('truncate');
    const file = this.file(name);
    file.bytes = file.bytes.slice(0, length);
    file.durable = Math.min(file.durable, length);
  }

  remove(name: string): void {
    this.check('remove');
    this.files.delete(name);
  }

  sync(name: string, done: (error?: Error) => void): void {
    const [fault, file, life] = [this.faults.fault('sync'), this.files.get(name), this.life];
    const length = file?.bytes.length ?? 0;
    this.faults.later(() => {
      if (life !== this.life) return;
      if (fault !== undefined) return done(failure(fault));
      if (file !== undefined) file.durable = Math.min(length, file.bytes.length);
      done();
    });
  }

  /** Power goes: each file keeps what was synced and some of what follows. Syncs under way never report. */
  crash(random: () => number): void {
    this.life++;
    for (const file of this.files.values()) {
      const loose = file.bytes.length - file.durable;
      file.bytes = file.bytes.slice(0, file.durable + Math.floor(random() * (loose + 1)));
      file.durable = file.bytes.length;
    }
  }

  private used(): number {
    let used = 0;
    for (const { bytes } of this.files.values()) used += bytes.length;
    return used;
  }

  private check(call: 'create' | 'truncate' | 'read' | 'remove'): void {
    const fault = this.faults.fault(call);
    if (fault !== undefined) throw failure(fault);
  }

  private file(name: string): File {
    const file = this.files.get(name);
    if (file === undefined) throw failure('ENOENT');
    return file;
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
