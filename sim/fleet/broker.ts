/** A broker by what it does on the wire: one that answers after the commit, or one that answers at once and may drop. */
import type { IPublishPacket, Packet } from 'mqtt-packet';
import type { Chance } from '../world.ts';
import type { Connection } from './connection.ts';
import type { Scenario } from './scenario.ts';
import type { Timeline } from './timeline.ts';

/** One message for the server; `done` when it is stored. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly done: () => void;
}

const RECEIVE_MAXIMUM = 20;

export class Broker {
  /** Virtual time of the latest connection. */
  connectedAt = 0;
  private readonly scenario: Scenario;
  private readonly timeline: Timeline;
  private readonly chance: Chance;
  private readonly toServer: (message: Message) => void;
  private readonly clients = new Map<string, Connection>();
  private readonly sessions = new Set<string>();
  /** Messages of before, to be delivered once more much later. */
  private readonly kept: Omit<Message, 'done'>[] = [];
  private messageId = 0;
  private up = true;

  constructor(scenario: Scenario, timeline: Timeline, chance: Chance, toServer: (message: Message) => void) {
    this.scenario = scenario;
    this.timeline = timeline;
    this.chance = chance;
    this.toServer = toServer;
  }

  get isUp(): boolean {
    return this.up;
  }

  receive(device: string, connection: Connection, packet: Packet): void {
    switch (packet.cmd) {
      case 'connect':
        return this.connect(device, connection);
      case 'subscribe':
        return connection.down({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [1] });
      case 'pingreq':
        return connection.down({ cmd: 'pingresp' });
      case 'publish':
        return this.publish(connection, packet);
      default:
    }
  }

  gone(device: string, connection: Connection): void {
    if (this.clients.get(device) === connection) this.clients.delete(device);
  }

  /** The server's acknowledgement, to whoever is there. */
  acknowledge(device: string, payload: Uint8Array): void {
    const connection = this.clients.get(device);
    if (connection === undefined || !this.up) return;
    this.messageId = (this.messageId % 65_535) + 1;
    const { messageId } = this;
    const topic = `cmd/${device}/ack`;
    const packet = { cmd: 'publish', topic, qos: 1, messageId, dup: false, retain: false } as const;
    connection.down({ ...packet, payload: Buffer.from(payload) });
  }

  /** Delivers a message of before again. */
  replay(): void {
    if (this.kept.length > 0) this.toServer({ ...this.chance.pick(this.kept), done: () => undefined });
  }

  kill(downMs: number): void {
    this.up = false;
    this.sessions.clear();
    for (const connection of this.clients.values()) connection.cut(this.chance.holds(0.8), false);
    this.clients.clear();
    this.timeline.after(downMs, () => {
      this.up = true;
    });
  }

  private connect(device: string, connection: Connection): void {
    this.clients.get(device)?.cut(true, false);
    this.clients.set(device, connection);
    this.connectedAt = this.timeline.now;
    const sessionPresent = this.sessions.has(device);
    this.sessions.add(device);
    const properties = { receiveMaximum: RECEIVE_MAXIMUM };
    connection.down({ cmd: 'connack', reasonCode: 0, returnCode: 0, sessionPresent, properties });
  }

  private publish(connection: Connection, { topic, payload, qos, messageId = 0 }: IPublishPacket): void {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const answer = () => {
      if (qos > 0) connection.down({ cmd: 'puback', messageId });
    };
    if (this.kept.length < 50) this.kept.push({ topic, payload: bytes });
    if (this.scenario.broker === 'embedded') return this.toServer({ topic, payload: bytes, done: answer });
    answer();
    if (this.chance.holds(this.scenario.drops)) return;
    // Several servers that share a subscription take messages in side by side, in any order.
    this.timeline.after(this.chance.holds(0.1) ? this.chance.int(100) : 10, () => {
      if (this.up) this.toServer({ topic, payload: bytes, done: () => undefined });
    });
  }
}
