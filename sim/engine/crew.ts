/** Workers of the real runtime in one thread: a seeded scheduler delivers their messages, in order on each channel alone. */
import type { Graph } from '@linnet/core';
import {
  WorkerHost,
  type Crew,
  type CrewEvents,
  type CrewStart,
  type Voice,
} from '@linnet/connectors/runtime';
import type { HotKeys } from '@linnet/core/engine';
import type { World } from '../world.ts';

type Deliver = () => void;

export function simulatedCrew(
  makeGraph: () => Graph,
  world: World,
  hot: () => HotKeys | undefined,
): (start: CrewStart, events: CrewEvents) => Crew {
  return (start, events) => {
    const post = new Post(world, (error) => events.fail(error as Error));
    const hosts: WorkerHost[] = [];
    for (let own = 0; own < start.workers; own++) {
      const voice: Voice = {
        toPeer: (to, message) => {
          const copy = structuredClone(message);
          post.send(`${own}>${to}`, () => (hosts[to] as WorkerHost).hear(own, copy));
        },
        toCoordinator: (message) => {
          const copy = structuredClone(message);
          post.send(`${own}>`, () => events.receive(own, copy));
        },
      };
      const host = new WorkerHost(makeGraph(), own, start, voice, hot());
      hosts.push(host);
    }
    return {
      dividers: hosts.map((_, worker) => worker),
      tell: (worker, message) => {
        const copy = structuredClone(message);
        post.send(`>${worker}`, () => (hosts[worker] as WorkerHost).order(copy));
      },
      stop: () => {
        post.stop();
        return Promise.resolve();
      },
    };
  };
}

/** Messages on their way, by channel. */
class Post {
  private readonly channels = new Map<string, Deliver[]>();
  private readonly world: World;
  private readonly fail: (error: unknown) => void;
  private running = false;
  private stopped = false;

  constructor(world: World, fail: (error: unknown) => void) {
    this.world = world;
    this.fail = fail;
  }

  send(channel: string, deliver: Deliver): void {
    const queue = this.channels.get(channel) ?? [];
    this.channels.set(channel, queue);
    queue.push(deliver);
    if (!this.running) void this.run();
  }

  stop(): void {
    this.stopped = true;
  }

  private async run(): Promise<void> {
    this.running = true;
    for (;;) {
      // Messages take their time: the coordinator may go on meanwhile.
      for (let turns = this.world.chance.pick([1, 1, 2, 12]); turns > 0; turns--) await Promise.resolve();
      const waiting = [...this.channels.values()].filter((queue) => queue.length > 0);
      if (waiting.length === 0 || this.stopped) break;
      try {
        this.world.effect('message', 0.002);
        this.world.chance.pick(waiting).shift()?.();
      } catch (error) {
        this.fail(error);
      }
    }
    this.running = false;
  }
}
