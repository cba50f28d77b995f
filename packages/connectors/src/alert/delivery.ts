import { setTimeout as wait } from 'node:timers/promises';
import { LinnetError, type SinkContext, type SinkWriter } from '@linnet/core';
import { post, type Message } from './post.ts';

export interface DeliveryOptions {
  /** First pause before another try; doubles each time, half of it is chance. Default 1 s. */
  readonly pauseMs?: number;
  /** The longest pause. Default 60 s. */
  readonly pauseMsMax?: number;
  /** At the end of a run: how long it is still tried. Default 10 s. */
  readonly patienceMs?: number;
}

/**
 * Posts records one after the other, each until it is taken. A server that is away or busy (network, 429, 5xx, and whatever an
 * operator can put right) is tried again for as long as the run goes on; what it refuses for its content is told and passed over.
 */
export class Delivery<T> implements SinkWriter<T> {
  private readonly messageOf: (item: T) => Message;
  private readonly context: SinkContext;
  private readonly options: Required<DeliveryOptions>;
  private readonly ending = new AbortController();
  private deadline = Infinity;

  constructor(messageOf: (item: T) => Message, context: SinkContext, options: DeliveryOptions) {
    this.messageOf = messageOf;
    this.context = context;
    this.options = { pauseMs: 1000, pauseMsMax: 60_000, patienceMs: 10_000, ...options };
  }

  /** @throws LinnetError `io.failed`, retryable, when the run ended before everything was taken */
  async write(items: readonly T[]): Promise<void> {
    for (const item of items) {
      if (await this.deliver(this.messageOf(item))) continue;
      throw new LinnetError('io.failed', `sink "${this.context.step}" could not deliver`, {
        retryable: true,
      });
    }
  }

  hurry(): void {
    this.deadline = Date.now() + this.options.patienceMs;
    this.ending.abort();
  }

  close(): Promise<void> {
    this.ending.abort();
    return Promise.resolve();
  }

  private async deliver(message: Message): Promise<boolean> {
    const { step, trouble } = this.context;
    const { pauseMs, pauseMsMax } = this.options;
    for (let attempt = 0; ; attempt++) {
      const answer = await post(message);
      if (answer.taken) {
        if (attempt > 0) trouble(`sink "${step}" delivers again`);
        return true;
      }
      if (answer.when === 'never') {
        trouble(`sink "${step}": ${answer.why}; it does not take this one: ${shown(message.body)}`);
        return true;
      }
      const pause =
        answer.afterMs ??
        Math.min(pauseMsMax, pauseMs * 2 ** Math.min(attempt, 20)) * (0.5 + Math.random() / 2);
      if (attempt === 0) trouble(`sink "${step}": ${answer.why}; trying again until it is taken`);
      if (Date.now() + pause > this.deadline) return false;
      await this.pause(pause);
    }
  }

  /** The end of the run cuts a long pause short; from then on pauses are kept to within the patience. */
  private async pause(ms: number): Promise<void> {
    if (this.ending.signal.aborted) await wait(ms);
    else await wait(ms, undefined, { signal: this.ending.signal }).catch(() => undefined);
  }
}

function shown(body: Uint8Array): string {
  return Buffer.from(body).toString().slice(0, 300);
}
