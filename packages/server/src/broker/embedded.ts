/** The embedded broker: aedes speaks MQTT, every message goes to the store first and is acknowledged after its commit. */
import { randomUUID } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { Aedes, type AedesPublishPacket, type AuthenticateError, type ConnectPacket } from 'aedes';
import type { DeviceRegistry } from '../devices/device-registry.ts';
import { Verifier } from '../devices/verifier.ts';
import { deviceKey, type Inbound, type OutboundAck } from '../ingest/inbound.ts';
import { mayPublish } from './access.ts';
import { admit, type GatekeeperOptions } from './gatekeeper.ts';
import { guarded, isLoopback, listen, portOf, type ServerTls } from './listener.ts';
import type { PacketGuard } from './packet-guard.ts';
import { Sessions } from './session.ts';

/** Where messages go; `done` is called once the message is durable. */
export interface Intake {
  readonly full: boolean;
  /** @returns whether it is backlog: what comes after it goes ahead of it */
  submit(message: Inbound, done: () => void): boolean;
}

export interface EmbeddedOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: ServerTls;
  /** Default: where the address is one of this machine alone. */
  readonly anonymous?: boolean;
  readonly limits?: Partial<BrokerLimits>;
}

export interface BrokerLimits {
  readonly connectionsMax: number;
  /** From the connection to its CONNECT packet, and for the TLS handshake. */
  readonly connectMs: number;
  /** Bytes before a client is let in. */
  readonly connectBytesMax: number;
  /** Bytes of any other packet. */
  readonly packetBytesMax: number;
  /** QoS 2 handshakes that a client may leave open. */
  readonly inFlightMax: number;
  /** Bytes that wait for a client which does not read; it is cut off beyond. */
  readonly queueBytesMax: number;
}

export const BROKER_LIMITS: BrokerLimits = {
  connectionsMax: 20_000,
  connectMs: 10_000,
  connectBytesMax: 16 << 10,
  packetBytesMax: 512 << 10,
  inFlightMax: 100,
  queueBytesMax: 1 << 20,
};

/**
 * Listens before anything else is made, so that a port or certificate that cannot be had leaves nothing behind.
 * @throws LinnetError `io.failed`, `io.not-found`, `config.invalid`
 */
export function listenFor(options: EmbeddedOptions, onSocket: (socket: Socket) => void): Promise<Server> {
  const { host, port, tls } = options;
  const { connectionsMax, connectMs: handshakeMs } = { ...BROKER_LIMITS, ...options.limits };
  return listen({ host, port, connectionsMax, handshakeMs, ...(tls !== undefined && { tls }) }, onSocket);
}

/** How often the list of devices is looked at for changes. */
const RECHECK_MS = 1000;

/** Nothing that is published is routed to others, or kept for them: the store is the one reader. */
class Broker extends Aedes {
  override publish(_: AedesPublishPacket, client: unknown, done?: (error?: Error) => void): void {
    (typeof client === 'function' ? (client as () => void) : done)?.();
  }
}

export class EmbeddedBroker {
  readonly port: number;
  private readonly limits: BrokerLimits;
  private readonly broker: Broker;
  private readonly server: Server;
  private readonly sessions = new Sessions();
  private readonly registry: DeviceRegistry;
  private listVersion: number;
  private readonly intake: Intake;
  private readonly gate: GatekeeperOptions;
  private readonly refused: (why: string) => void;
  private readonly guards = new WeakMap<object, PacketGuard>();
  /** Connections that are not read from until the store has caught up. */
  private readonly held = new Set<Socket>();
  private readonly recheck: NodeJS.Timeout;

  /**
   * @param server of `listenFor`, whose sockets go to `connected`
   * @param refused told of each connection or message that was not let in
   */
  static async start(
    server: Server,
    options: EmbeddedOptions,
    registry: DeviceRegistry,
    intake: Intake,
    refused: (why: string) => void,
  ): Promise<EmbeddedBroker> {
    const limits = { ...BROKER_LIMITS, ...options.limits };
    const broker = new Broker({ connectTimeout: limits.connectMs, maxInflightInbound: limits.inFlightMax });
    await broker.listen();
    return new EmbeddedBroker(options, limits, broker, server, registry, intake, refused);
  }

  private constructor(
    options: EmbeddedOptions,
    limits: BrokerLimits,
    broker: Broker,
    server: Server,
    registry: DeviceRegistry,
    intake: Intake,
    refused: (why: string) => void,
  ) {
    this.limits = limits;
    this.broker = broker;
    this.server = server;
    this.port = portOf(server);
    this.registry = registry;
    this.listVersion = registry.version;
    this.intake = intake;
    this.refused = refused;
    const credential = (device: string) => registry.credential(device);
    this.gate = {
      anonymous: isLoopback(options.host) && options.anonymous !== false,
      mutualTls: options.tls?.clientCa !== undefined,
      verifier: new Verifier(credential),
      credential,
    };
    this.hook();
    this.recheck = setInterval(() => this.dropOutdated(), RECHECK_MS);
    this.recheck.unref();
  }

  /** Takes a new connection. */
  connected(socket: Socket): void {
    const mayRead = (from: Socket): boolean => {
      if (!this.intake.full) return true;
      this.held.add(from);
      return false;
    };
    this.guards.set(socket, guarded(socket, this.limits, mayRead, this.refused));
    socket.once('close', () => this.held.delete(socket));
    this.broker.handle(socket);
  }

  /** Sends an acknowledgement to its device, if it is here. It asks again where this one gets lost. */
  ack({ tenant, device, bytes }: OutboundAck): void {
    const client = this.sessions.listenerOf(deviceKey(tenant, device));
    if (client === undefined) return;
    if (client.conn.writableLength > this.limits.queueBytesMax) {
      this.refused(`${device} does not read what it is sent`);
      client.conn.destroy();
      return;
    }
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const topic = `cmd/${device}/ack`;
    client.publish({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false }, () => undefined);
  }

  /** Reads on from the connections that had to wait for the store. */
  resume(): void {
    if (this.held.size === 0 || this.intake.full) return;
    const sockets = [...this.held];
    this.held.clear();
    for (const socket of sockets) if (!socket.destroyed) socket.emit('readable');
  }

  /** Takes no more in. */
  async close(): Promise<void> {
    clearInterval(this.recheck);
    this.server.close();
    await new Promise<void>((resolve) => this.broker.close(resolve));
  }

  private hook(): void {
    const { broker, sessions } = this;
    broker.preConnect = (_, packet, done) => {
      nameApart(packet);
      done(null, true);
    };
    broker.authenticate = (client, user, password, done) => {
      void admit(client, user, password, this.gate).then((admission) => {
        if ('session' in admission) {
          sessions.open(client, admission.session);
          this.guards.get(client.conn)?.accept();
          return done(null, true);
        }
        this.refused(admission.why);
        const error = new Error(admission.why) as AuthenticateError;
        error.returnCode = admission.returnCode as number;
        done(error, false);
      });
    };
    broker.authorizePublish = (client, packet, done) => {
      if (client === null) return done(null);
      const session = sessions.of(client);
      if (session === undefined || !mayPublish(packet.topic, session.identity)) {
        const why = `${session?.identity ?? 'a client'} may not publish to ${JSON.stringify(packet.topic.slice(0, 80))}`;
        this.refused(why);
        return done(new Error(why));
      }
      const { topic, payload, qos, dup } = packet;
      const { messageId = 0 } = packet as { messageId?: number };
      const message = {
        topic,
        payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
        tenant: session.tenant,
        ...(session.identity !== undefined && { identity: session.identity }),
        packetId: qos === 0 ? 0 : messageId,
        dup,
      };
      const isBacklog = this.intake.submit(message, () => done(null));
      // Aedes reads no more of a connection until all that it read is answered: what is new would wait behind the backlog before it.
      if (isBacklog) queueMicrotask(() => client.conn.emit('readable'));
    };
    broker.authorizeSubscribe = (client, subscription, done) => {
      const { subscriptions } = client as unknown as { subscriptions: object };
      const granted = sessions.listen(client, subscription.topic, Object.keys(subscriptions).length);
      if (!granted)
        this.refused(`a client may not subscribe to ${JSON.stringify(subscription.topic.slice(0, 80))}`);
      done(null, granted ? subscription : null);
    };
    broker.on('clientDisconnect', (client) => sessions.close(client));
    // One that was let in disconnects, too, and its last will comes before that: to be published it needs the session.
    broker.on('clientError', (client) => {
      if (!client.connected) sessions.close(client);
    });
  }

  private dropOutdated(): void {
    const { version } = this.registry;
    if (version === this.listVersion) return;
    this.listVersion = version;
    for (const client of this.sessions.outdated((device) => this.registry.credential(device)?.hash)) {
      client.close();
    }
  }
}

/**
 * A client's id is its own choice, and a second client of the same id ends the first: within a user name it may, across
 * user names it must not. The user name is proved right after this.
 */
function nameApart(packet: ConnectPacket): void {
  if (packet.clientId === '') {
    packet.clientId = randomUUID();
    packet.clean = true;
  }
  packet.clientId = `${packet.username ?? ''}/${packet.clientId}`;
}
