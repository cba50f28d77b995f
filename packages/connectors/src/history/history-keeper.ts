import { extname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { LinnetError } from '@linnet/core';
import { DUE_ROWS, DUE_TAILS, backlogRows, compact, compactionDue } from './compact.ts';
import { newestTime, retain, type Retention } from './retain.ts';

/** What the keeper's thread is told. */
export type ToKeeper = 'work' | 'finish';
/** What it says: that it is idle again, or what failed. */
export type FromKeeper = { readonly failed?: string; readonly finished?: true };

export interface KeeperStart {
  readonly path: string;
  readonly retention: Retention;
}

const INTERVAL_MS = 60_000;

/**
 * Keeps the history in order beside the one who writes it: a thread of its own turns tails into chunks and gives up what is
 * too old, so that writers wait only while finished chunks are stored. The thread starts when there is something to do.
 */
export class HistoryKeeper {
  private readonly start: KeeperStart;
  private worker: Worker | undefined;
  private busy = false;
  private rows = 0;
  private tails = 0;
  private last = Date.now();
  private failed: string | undefined;
  private finished: () => void = () => {};
  private closed = false;

  constructor(path: string, retention: Retention) {
    this.start = { path, retention };
  }

  /** Readings were appended and committed. */
  wrote(rows: number, trouble: (message: string) => void): void {
    this.rows += rows;
    this.tails += rows > 0 ? 1 : 0;
    if (this.failed !== undefined) trouble(this.failed);
    this.failed = undefined;
    const due = this.rows >= DUE_ROWS || this.tails >= DUE_TAILS || Date.now() - this.last >= INTERVAL_MS;
    if (!due || this.busy) return;
    [this.rows, this.tails, this.last, this.busy] = [0, 0, Date.now(), true];
    this.worker ??= this.begin();
    this.worker.postMessage('work' satisfies ToKeeper);
  }

  /** Lets the thread finish, then compacts what is left. */
  async close(database: DatabaseSync, trouble: (message: string) => void): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const { worker } = this;
    if (worker !== undefined) {
      const finished = new Promise<void>((resolve) => {
        this.finished = resolve;
      });
      worker.postMessage('finish' satisfies ToKeeper);
      await finished;
      await worker.terminate();
    }
    try {
      if (this.failed === undefined) keepInOrder(database, this.start.retention, false);
    } catch (error) {
      this.failed = messageOf(error);
    }
    if (this.failed !== undefined) trouble(this.failed);
  }

  private begin(): Worker {
    const script = new URL(`./keeper-main${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(script, { workerData: this.start });
    worker.on('message', ({ failed, finished }: FromKeeper) => {
      this.busy = false;
      if (failed !== undefined) this.failed = failed;
      if (finished === true) this.finished();
    });
    worker.on('error', (error) => {
      this.failed = messageOf(error);
    });
    // Also behind an error: what is due next starts another one.
    worker.on('exit', () => {
      this.worker = undefined;
      this.busy = false;
      this.finished();
    });
    return worker;
  }
}

/**
 * Turns tails into chunks until few are left, and gives up what is too old or too much.
 * @param due only if it is worth its cost
 */
export function keepInOrder(database: DatabaseSync, retention: Retention, due: boolean): void {
  while (due ? compactionDue(database) : backlogRows(database) > 0) compact(database);
  if (retention.ageMs === undefined && retention.bytesMax === undefined) return;
  // Age counts back from the newest reading, but for one that claims to be of the future.
  retain(database, retention, Math.min(Date.now(), newestTime(database)));
}

/** In the words of the caller: this is trouble that passes, the readings themselves are safe in their tails. */
export function messageOf(error: unknown): string {
  const { message } = error as Error;
  const why = error instanceof LinnetError ? message : message.replaceAll('\n', ' ');
  return `the history could not be compacted (${why}); its readings are kept, it is tried again`;
}
