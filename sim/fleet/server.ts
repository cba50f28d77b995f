/** The server: the real ingest over a store that forgets what was not committed, killed before and after commits. */
import { inflateRawSync } from 'node:zlib';
import type { ReceivedState } from '@linnet/core/wire';
import type { DeviceState } from '../../packages/server/src/ingest/device-state.ts';
import { Ingest, type Commit, type IngestStore } from '../../packages/server/src/ingest/ingest.ts';
import type { Inbound, OutboundAck } from '../../packages/server/src/ingest/inbound.ts';
import type { Chance } from '../world.ts';
import type { Message } from './broker.ts';
import type { Scenario } from './scenario.ts';
import type { Timeline } from './timeline.ts';

/** A reading as it is stored; `n` is the oracle's own identity of it. */
export interface Row {
  readonly n: number;
  readonly device: string;
  readonly incarnation: number;
  readonly live: boolean;
  readonly time: number;
  readonly receivedAt: number;
}

/** What is durable, and within a transaction what is not yet. */
class Store implements IngestStore {
  readonly rows: Row[] = [];
  private ids = 0;
  private readonly incarnations = new Map<string, { id: number; state: string | undefined }>();
  private readonly devices = new Map<string, string>();
  private made = new Map<string, { id: number; state: string | undefined }>();

  begin(): void {
    this.made = new Map();
  }

  incarnation(key: string, incarnation: string): { id: number; state: ReceivedState | undefined } {
    const name = `${key}#${incarnation}`;
    const known = this.incarnations.get(name) ?? { id: ++this.ids, state: undefined };
    this.made.set(name, known);
    const { id, state } = known;
    return { id, state: state === undefined ? undefined : (JSON.parse(state) as ReceivedState) };
  }

  device(key: string): DeviceState | undefined {
    const state = this.devices.get(key);
    return state === undefined ? undefined : (JSON.parse(state) as DeviceState);
  }

  commit({ rows, received, devices }: Commit): void {
    for (const [name, own] of this.made) if (!this.incarnations.has(name)) this.incarnations.set(name, own);
    for (const { id, state } of received) {
      for (const own of this.incarnations.values()) if (own.id === id) own.state = JSON.stringify(state);
    }
    for (const [key, state] of devices) this.devices.set(key, JSON.stringify(state));
    const { sensors, sensor, time, channels } = rows.batch();
    for (let i = 0; i < time.length; i++) {
      this.rows.push({
        n: channels['n']?.[i] as number,
        device: sensors[sensor[i] as number] as string,
        incarnation: channels['_incarnation']?.[i] as number,
        live: channels['_backlog']?.[i] !== 1,
        time: time[i] as number,
        receivedAt: channels['_received']?.[i] as number,
      });
    }
  }
}

const BATCH_MAX = 8;
const RETRY_MS = 1000;

export class Server {
  private readonly store = new Store();
  private readonly scenario: Scenario;
  private readonly timeline: Timeline;
  private readonly chance: Chance;
  private readonly epochMs: number;
  private readonly acknowledge: (ack: OutboundAck) => void;
  private ingest = this.started();
  private waiting: Message[] = [];
  private working = false;
  private life = 0;
  private up = true;

  constructor(
    scenario: Scenario,
    timeline: Timeline,
    chance: Chance,
    epochMs: number,
    acknowledge: (ack: OutboundAck) => void,
  ) {
    this.scenario = scenario;
    this.timeline = timeline;
    this.chance = chance;
    this.epochMs = epochMs;
    this.acknowledge = acknowledge;
  }

  get rows(): readonly Row[] {
    return this.store.rows;
  }

  receive(message: Message): void {
    if (!this.up) return;
    this.waiting.push(message);
    this.later(this.chance.int(20));
  }

  kill(downMs: number): void {
    this.life++;
    this.up = false;
    this.waiting = [];
    this.working = false;
    this.ingest = this.started();
    this.timeline.after(downMs, () => {
      this.up = true;
    });
  }

  private started(): Ingest {
    return new Ingest(this.store, {
      inflate: (bytes, bytesMax, dictionary) =>
        inflateRawSync(bytes, { maxOutputLength: bytesMax, ...(dictionary && { dictionary }) }),
      // Now and then, and drawn from the clock: what else happens stays as it was.
      pauseMs: (_, now) => (now % 3 === 0 ? 8000 : 0),
    });
  }

  private later(ms: number): void {
    if (this.working) return;
    this.working = true;
    const { life } = this;
    this.timeline.after(ms, () => {
      if (life !== this.life) return;
      this.working = false;
      this.work();
    });
  }

  private work(): void {
    const batch = this.waiting.slice(0, BATCH_MAX);
    const messages = batch.map(({ topic, payload }): Inbound => ({
      topic,
      payload,
      tenant: '',
      packetId: 1,
      dup: false,
    }));
    this.store.begin();
    const commit = this.ingest.step(messages, this.epochMs + this.timeline.now);
    if (this.chance.holds(this.scenario.commitFails)) {
      this.ingest.forget();
      return this.later(RETRY_MS);
    }
    this.store.commit(commit);
    this.waiting = this.waiting.slice(batch.length);
    const { life } = this;
    // Between the commit and the answer the server may die.
    this.timeline.after(this.chance.int(5), () => {
      if (life !== this.life) return;
      for (const ack of commit.acks) this.acknowledge(ack);
      for (const { done } of batch) done();
    });
    if (this.waiting.length > 0) this.later(this.chance.int(20));
  }
}
