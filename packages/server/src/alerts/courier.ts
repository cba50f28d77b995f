import type { SinkWriter } from '@linnet/core';
import type { Alert } from '../watch/alert.ts';
import type { WaitingAlert } from './alert-table.ts';

/** Asks the store for the next alerts of a sink, and tells it how far the sink has come. */
export type NextAlerts = (sink: string, delivered: number | undefined) => Promise<readonly WaitingAlert[]>;

/** Looked at as often, because another instance on the same store may have raised one. */
const POLL_MS = 5000;
const RETRY_MS = 5000;

/** Brings alerts from the store to one sink, in order, each at least once; what is not taken stays in the store. */
export class Courier {
  private readonly name: string;
  private readonly writer: SinkWriter<Alert>;
  private readonly next: NextAlerts;
  private readonly trouble: (message: string) => void;
  private readonly polling: NodeJS.Timeout;
  private delivered: number | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private ending = false;
  private wake: () => void = () => undefined;

  constructor(name: string, writer: SinkWriter<Alert>, next: NextAlerts, trouble: (message: string) => void) {
    this.name = name;
    this.writer = writer;
    this.next = next;
    this.trouble = trouble;
    this.polling = setInterval(() => this.run(), POLL_MS);
    this.run();
  }

  /** There may be alerts. */
  run(): void {
    this.again = true;
    this.running ??= this.deliver().finally(() => {
      this.running = undefined;
    });
  }

  /** Tries what waits once more, for a while. @returns how many stay in the store, at least */
  async finish(): Promise<number> {
    clearInterval(this.polling);
    this.ending = true;
    this.run();
    this.writer.hurry?.();
    this.wake();
    await this.running;
    await this.writer.close();
    return (await this.next(this.name, this.delivered)).length;
  }

  private async deliver(): Promise<void> {
    while (this.again) {
      this.again = false;
      const alerts = await this.next(this.name, this.delivered);
      const last = alerts.at(-1);
      if (last === undefined) continue;
      const first = alerts[0] as WaitingAlert;
      if (this.delivered !== undefined && first.id > this.delivered + 1) {
        this.trouble(`${this.name}: ${first.id - this.delivered - 1} alerts were given up: too many waited`);
      }
      this.again = true;
      for (const { id, text } of alerts) {
        if (!(await this.write(JSON.parse(text) as Alert))) break;
        this.delivered = id;
      }
      if (this.ending && this.delivered !== last.id) return;
    }
  }

  private async write(alert: Alert): Promise<boolean> {
    try {
      await this.writer.write([alert]);
      return true;
    } catch (error) {
      // What ends with the server is told once, with how it ends.
      if (this.ending) return false;
      this.trouble((error as Error).message);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, RETRY_MS);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      return false;
    }
  }
}
