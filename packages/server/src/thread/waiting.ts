/**
 * What waits for a transaction, in two lanes: backlog of the agents, of which a transaction takes only so much, and everything else, which goes
 * ahead of it. So a fleet that comes back after a day does not hold up what is measured now. The agents' frames say which lane they are of
 * and keep the order of each by themselves; messages of plain devices are all in the first one, in the order of their arrival.
 */
import { isBacklogFrame } from '@linnet/core/wire';
import type { Inbound } from '../ingest/inbound.ts';

export interface Taken {
  readonly messages: readonly Inbound[];
  readonly done: readonly (() => void)[];
  readonly bytes: number;
  /** There is something new in it. */
  readonly present: boolean;
  /** There is backlog in it. */
  readonly backlog: boolean;
}

/** Messages and bytes of one transaction. */
const BATCH_MAX = { messages: 4096, bytes: 8 << 20 };
export class Waiting {
  private readonly present = new Lane();
  private readonly backlog = new Lane();

  get isEmpty(): boolean {
    return this.present.isEmpty && this.backlog.isEmpty;
  }

  /** @returns whether it is backlog */
  push(message: Inbound, done: () => void): boolean {
    const isBacklog = isBacklogFrame(message.payload);
    (isBacklog ? this.backlog : this.present).push(message, done);
    return isBacklog;
  }

  /**
   * What the next transaction holds; undefined where nothing may go now.
   * @param backlogBytes of backlog, at least a message of it; 0 for none
   */
  take(backlogBytes: number): Taken | undefined {
    const [messages, done]: [Inbound[], (() => void)[]] = [[], []];
    const present = this.present.moveTo(messages, done, BATCH_MAX.bytes);
    const isPresent = messages.length > 0;
    const backlog = this.backlog.moveTo(messages, done, backlogBytes);
    if (messages.length === 0) return undefined;
    return { messages, done, bytes: present + backlog, present: isPresent, backlog: backlog > 0 };
  }
}

/** First in, first out; taken from the front without moving what stays. */
class Lane {
  private messages: Inbound[] = [];
  private done: (() => void)[] = [];
  private at = 0;

  get isEmpty(): boolean {
    return this.at === this.messages.length;
  }

  push(message: Inbound, done: () => void): void {
    this.messages.push(message);
    this.done.push(done);
  }

  /** @returns how many bytes of payload went */
  moveTo(messages: Inbound[], done: (() => void)[], bytesMax: number): number {
    let bytes = 0;
    while (!this.isEmpty && messages.length < BATCH_MAX.messages && bytes < bytesMax) {
      const message = this.messages[this.at] as Inbound;
      messages.push(message);
      done.push(this.done[this.at++] as () => void);
      bytes += message.payload.length;
    }
    if (this.at === this.messages.length || this.at > BATCH_MAX.messages) {
      this.messages = this.messages.slice(this.at);
      this.done = this.done.slice(this.at);
      this.at = 0;
    }
    return bytes;
  }
}
