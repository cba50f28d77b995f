import { CloudDecoder, STATUS, type Received } from '@linnet/core/transmit';
import { Crash, type World } from '../world.ts';
import type { Channel } from './channel.ts';

export interface Stored {
  readonly value: number;
  readonly status: number;
}

/** The cloud as a process with a database: what a message gives is stored in one transaction with the decoder's state. */
export class Cloud {
  /** `session instant channel` to what is stored. */
  readonly stored = new Map<string, Stored>();
  readonly alerts = new Set<string>();
  readonly problems: string[] = [];
  decoder = new CloudDecoder();
  private readonly world: World;
  private readonly down: Channel;
  private disk: Uint8Array = new CloudDecoder().save();

  constructor(world: World, down: Channel) {
    this.world = world;
    this.down = down;
  }

  receive(bytes: Uint8Array): void {
    this.run(() => {
      const received = this.decoder.receive(bytes);
      this.world.effect('cloud commits');
      this.commit(received);
      this.world.effect('cloud answers');
      for (const reply of received.replies) this.down.send(reply);
    });
  }

  retry(): void {
    this.run(() => {
      for (const reply of this.decoder.retry()) this.down.send(reply);
    });
  }

  private run(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.world.restart();
      this.decoder = CloudDecoder.restore(this.disk);
    }
  }

  private commit({ covered, alerts, problems }: Received): void {
    for (const { session, firstTick, count, values, status } of covered) {
      const width = values.length / count;
      values.forEach((value, i) => {
        const key = `${session} ${firstTick + Math.floor(i / width)} ${i % width}`;
        if (this.stored.has(key)) this.problems.push(`${key} is stored a second time`);
        const state = status[i] as number;
        if (state === STATUS.provisional) this.problems.push(`${key} is final and provisional`);
        this.stored.set(key, { value, status: state });
      });
    }
    for (const { session, tick, channel, value } of alerts) {
      this.alerts.add(`${session}: ${tick} ${channel} ${value}`);
    }
    this.problems.push(...problems);
    this.disk = this.decoder.save();
  }
}
