/** The socket side's handle on the store's thread: gathers messages into batches, completes each once it is durable. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { LinnetError } from '@linnet/core/base';
import type { Inbound, OutboundAck } from '../ingest/inbound.ts';
import type { WaitingAlert } from '../alerts/alert-table.ts';
import type { Alert } from '../watch/alert.ts';
import { Waiting, type Taken } from './waiting.ts';
import { packBatch, type Answer, type FromThread, type ThreadData } from './messages.ts';
import { backlogAtFirst, type Allowance } from './pace.ts';

const STATUS = '/status';
/** Batches under way: one is worked on while the next one travels. */
const UNDER_WAY_MAX = 2;
/** What may wait for a commit before no more is read from the sockets. */
const WAITING_MAX = { messages: 50_000, bytes: 64 << 20 };

/** What a batch needs while it is worked on dies with it, before it is moved to where memory is slow to free. */
const YOUNG_MB = 16;

export interface StoreEvents {
  /** To be sent to the device now: what it speaks of is durable. */
  ack(ack: OutboundAck): void;
  alerts(alerts: readonly Alert[]): void;
  /** A batch is durable: there is room for more. */
  committed(): void;
  /** A commit failed and is tried again, or works again (undefined). */
  trouble(message: string | undefined): void;
  /** The thread is gone, and with it the service. */
  failed(error: Error): void;
}

export class StoreThread {
  private readonly worker: Worker;
  private readonly compactor: Worker;
  private readonly events: StoreEvents;
  private readonly waiting = new Waiting();
  private readonly underWay: Taken[] = [];
  /** Epoch ms at which the oldest message of the present came that waits here. */
  private presentSince: number | undefined;
  private allowance: Allowance = backlogAtFirst;
  private resting: NodeJS.Timeout | undefined;
  private messagesWaiting = 0;
  private bytesWaiting = 0;
  private scheduled = false;
  private closing = false;
  private troubled = false;
  private readonly asking = new Map<string, (alerts: readonly WaitingAlert[]) => void>();
  private onIdle: (() => void) | undefined;
  private onClosed: (() => void) | undefined;

  private constructor(worker: Worker, compactor: Worker, events: StoreEvents) {
    this.worker = worker;
    this.compactor = compactor;
    compactor.on('error', (error) => events.failed(error));
    this.events = events;
    worker.on('message', (message: FromThread) => this.said(message));
    worker.on('error', (error) => events.failed(error));
  }

  /** @throws LinnetError whatever opening the store throws */
  static async start(data: ThreadData, events: StoreEvents): Promise<StoreThread> {
    const url = new URL(`./store-main${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(url, {
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', (error: Error & { code?: string }) =>
        reject(new LinnetError('io.failed', error.message, { cause: error })),
      );
    });
    worker.removeAllListeners('error');
    const compactor = new Worker(new URL(`./compact-main${extname(import.meta.url)}`, import.meta.url), {
      workerData: data.store,
    });
    return new StoreThread(worker, compactor, events);
  }

  /** So much waits that nothing more should be read from the sockets. */
  get full(): boolean {
    return this.messagesWaiting >= WAITING_MAX.messages || this.bytesWaiting >= WAITING_MAX.bytes;
  }

  /**
   * @param done called once the message is in a durable transaction
   * @returns whether it is backlog, which what comes after it goes ahead of
   */
  submit(message: Inbound, done: () => void): boolean {
    const isBacklog = this.waiting.push(message, done);
    // The status that an agent sends ahead of its backlog is no reading: nobody is held up by a drain of that device alone.
    const isReading = !isBacklog && !message.topic.endsWith(STATUS);
    if (isReading) this.presentSince ??= performance.timeOrigin + performance.now();
    this.messagesWaiting++;
    this.bytesWaiting += message.payload.length;
    if (this.scheduled) return isBacklog;
    this.scheduled = true;
    // What arrived in the same turn of the event loop shares a transaction.
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
    return isBacklog;
  }

  /** The next alerts of a sink, which has taken those up to `delivered`. One question at a time for each sink. */
  alerts(sink: string, delivered: number | undefined): Promise<readonly WaitingAlert[]> {
    this.worker.postMessage({ kind: 'alerts', sink, delivered });
    return new Promise((resolve) => this.asking.set(sink, resolve));
  }

  /** Resolves once nothing waits for its commit. */
  async idle(): Promise<void> {
    this.closing = true;
    this.rested();
    if (this.underWay.length > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
  }

  /** Commits what waits, then ends the thread. */
  async close(): Promise<void> {
    await this.idle();
    const closed = new Promise<void>((resolve) => (this.onClosed = resolve));
    const compacted = new Promise<void>((resolve) => this.compactor.once('exit', () => resolve()));
    this.compactor.postMessage('close');
    this.worker.postMessage({ kind: 'close' });
    await Promise.all([closed, compacted]);
    await this.worker.terminate();
  }

  private flush(): void {
    while (this.underWay.length < UNDER_WAY_MAX) {
      const taken = this.waiting.take(this.backlogBytes());
      if (taken === undefined) return;
      this.underWay.push(taken);
      const batch = packBatch(taken.messages, taken.present ? this.presentSince : undefined);
      if (taken.present) this.presentSince = undefined;
      this.worker.postMessage(batch, [batch.payloads.buffer, batch.lengths.buffer, batch.packets.buffer]);
    }
  }

  /** One transaction of backlog at a time, and then a rest: what is new waits for no more than that. */
  private backlogBytes(): number {
    const now = this.resting === undefined && !this.underWay.some(({ backlog }) => backlog);
    return now ? this.allowance.bytes : 0;
  }

  private rest({ restMs }: Allowance): void {
    if (restMs === 0 || this.closing) return;
    this.resting = setTimeout(() => this.rested(), restMs);
  }

  private rested(): void {
    clearTimeout(this.resting);
    this.resting = undefined;
    this.flush();
  }

  private said(message: FromThread): void {
    if (message.kind === 'closed') return this.onClosed?.();
    if (message.kind === 'alerts') return this.asking.get(message.sink)?.(message.alerts);
    if (message.kind === 'trouble') {
      this.troubled = true;
      return this.events.trouble(message.message);
    }
    if (message.kind === 'noticed') return this.tell(message);
    if (message.kind !== 'committed') return;
    if (this.troubled) {
      this.troubled = false;
      this.events.trouble(undefined);
    }
    const batch = this.underWay.shift();
    this.messagesWaiting -= batch?.done.length ?? 0;
    this.bytesWaiting -= batch?.bytes ?? 0;
    this.allowance = message.allowance;
    if (batch?.backlog === true) this.rest(message.allowance);
    this.flush();
    for (const done of batch?.done ?? []) done();
    this.tell(message);
    this.events.committed();
    if (this.underWay.length === 0) this.onIdle?.();
  }

  private tell({ acks, tenants, devices, alerts }: Answer): void {
    acks.forEach((bytes, i) => {
      this.events.ack({ tenant: tenants[i] as string, device: devices[i] as string, bytes });
    });
    if (alerts.length > 0) this.events.alerts(alerts);
  }
}
