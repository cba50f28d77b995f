/** A client that sends whatever a test wants, over a bare socket. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet';

export class RawClient {
  readonly packets: Packet[] = [];
  /** Resolves once the other side has ended the connection. */
  readonly closed: Promise<void>;
  private readonly socket: Socket;
  over = false;
  private waiting: (() => void)[] = [];

  constructor(port: number, tls?: ConnectionOptions) {
    this.socket =
      tls === undefined ? connectTcp(port, '127.0.0.1') : connectTls({ port, host: '127.0.0.1', ...tls });
    const incoming = parser();
    incoming.on('packet', (packet) => {
      this.packets.push(packet);
      this.wake();
    });
    this.socket.on('data', (data) => incoming.parse(data));
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      this.socket.once('close', () => {
        this.over = true;
        resolve();
        this.wake();
      }),
    );
  }

  send(packet: Packet): this {
    return this.write(generate(packet));
  }

  write(bytes: Uint8Array): this {
    this.socket.write(bytes);
    return this;
  }

  /** @returns the next packet of a kind, or nothing once the connection is over */
  async next<C extends Packet['cmd']>(cmd: C): Promise<(Packet & { cmd: C }) | undefined> {
    for (;;) {
      const at = this.packets.findIndex((packet) => packet.cmd === cmd);
      if (at >= 0) return this.packets.splice(at, 1)[0] as Packet & { cmd: C };
      if (this.over) return undefined;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** @returns the broker's return code, or nothing when it hung up instead */
  async connect(more: Partial<IConnectPacket> = {}): Promise<number | undefined> {
    this.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: 'raw',
      clean: true,
      ...more,
    });
    return (await this.next('connack'))?.returnCode;
  }

  /** Publishes with QoS 1. @returns whether it was acknowledged */
  async publish(topic: string, payload: string | Buffer, more: object = {}): Promise<boolean> {
    this.send({ cmd: 'publish', topic, payload, qos: 1, messageId: 1, dup: false, retain: false, ...more });
    return (await this.next('puback')) !== undefined;
  }

  /** @returns what was granted, 128 for a refusal */
  async subscribe(topic: string): Promise<number | undefined> {
    this.send({ cmd: 'subscribe', messageId: 7, subscriptions: [{ topic, qos: 1 }] });
    return Number((await this.next('suback'))?.granted[0]);
  }

  /** Lets what it is sent pile up; that the other side hung up is then noticed by writing. */
  stopReading(): void {
    this.socket.pause();
  }

  /** Ends the connection as a process that was killed does when something was still to be read. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  close(): void {
    this.socket.destroy();
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const go of waiting) go();
  }
}
