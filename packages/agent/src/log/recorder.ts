/** Group commit: all readings that come while the disk is busy share its next sync. */
import type { FrameRecord } from '@linnet/core/wire';
import type { Draft, Log, OnFull } from './log.ts';

/** `always` syncs before a reading counts as recorded; a number syncs every so many ms: a power cut may lose that much. */
export type Fsync = 'always' | number;

export interface RecorderPorts {
  /** Calls back soon, after what is going on now: readings of one turn share a commit. */
  soon(work: () => void): void;
  later(ms: number, work: () => void): void;
  /** Readings that are durable, in order. */
  onStored(records: readonly FrameRecord[]): void;
}

type Waiting = { readonly draft: Draft; readonly done: (stored: boolean) => void };
type Group = { readonly records: readonly FrameRecord[]; readonly waiting: readonly Waiting[] };

const GROUP_MAX = 4096;
const RETRY_MS = 1000;

export class Recorder {
  /** Readings that resolved as recorded. */
  recorded = 0;
  private readonly log: Log;
  private readonly fsync: Fsync;
  private readonly onFull: OnFull;
  private readonly ports: RecorderPorts;
  private queue: Waiting[] = [];
  private busy = false;
  private blocked = false;

  constructor(log: Log, fsync: Fsync, onFull: OnFull, ports: RecorderPorts) {
    this.log = log;
    this.fsync = fsync;
    this.onFull = onFull;
    this.ports = ports;
    if (typeof fsync === 'number') this.syncEvery(fsync);
  }

  /** Readings that wait for the disk. */
  get waiting(): number {
    return this.queue.length;
  }

  /** @param done true once the reading is on disk, false when the policy dropped it */
  record(draft: Draft, done: (stored: boolean) => void): void {
    this.queue.push({ draft, done });
    if (this.queue.length === 1 && !this.busy) this.ports.soon(() => this.pump());
  }

  /** Tries again what waited for room. */
  retry(): void {
    if (!this.blocked) return;
    this.blocked = false;
    this.ports.soon(() => this.pump());
  }

  private pump(): void {
    if (this.busy || this.blocked || this.queue.length === 0) return;
    const group = this.queue.slice(0, GROUP_MAX);
    const { stored, taken, failed } = this.log.append(group.map(({ draft }) => draft));
    this.queue = this.queue.slice(taken);
    const kept: Waiting[] = [];
    const storedDrafts = new Set(stored.map((record) => record.payload));
    for (const one of group.slice(0, taken)) {
      if (storedDrafts.has(one.draft.payload)) kept.push(one);
      else one.done(false);
    }
    if (failed !== undefined) this.block();
    if (stored.length === 0) this.finish([], []);
    else if (this.fsync === 'always') this.sync({ records: stored, waiting: kept }, 0);
    else this.finish(stored, kept);
  }

  private sync(group: Group, tries: number): void {
    this.busy = true;
    this.log.sync((error) => {
      this.busy = false;
      if (error === undefined) this.finish(group.records, group.waiting);
      else this.again(group, tries + 1);
    });
  }

  private again(group: Group, tries: number): void {
    const { records, waiting } = group;
    const failed = this.log.rewrite(records);
    if (failed === undefined && (tries === 1 || this.onFull === 'block')) {
      this.sync(group, tries);
    } else if (this.onFull === 'block') {
      this.busy = true;
      this.ports.later(RETRY_MS, () => this.again(group, tries + 1));
    } else {
      this.log.giveUp(records, failed === 'noSpace' ? 'noSpace' : 'io');
      for (const { done } of waiting) done(false);
      this.finish([], []);
    }
  }

  private finish(records: readonly FrameRecord[], waiting: readonly Waiting[]): void {
    this.recorded += records.length;
    if (records.length > 0) this.ports.onStored(records);
    for (const { done } of waiting) done(true);
    if (this.queue.length > 0) this.ports.soon(() => this.pump());
  }

  private block(): void {
    this.blocked = true;
    this.ports.later(RETRY_MS, () => this.retry());
  }

  private syncEvery(ms: number): void {
    this.ports.later(ms, () => {
      if (this.busy || !this.log.isDirty) return this.syncEvery(ms);
      this.busy = true;
      this.log.sync((error) => {
        this.busy = false;
        if (error !== undefined) this.log.abandon();
        if (this.queue.length > 0) this.ports.soon(() => this.pump());
        this.syncEvery(ms);
      });
    });
  }
}
