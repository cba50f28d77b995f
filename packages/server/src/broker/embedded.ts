/** The embedded broker: aedes takes connections, every message goes to the store first, and is acknowledged after its commit. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import type { Inbound, OutboundAck } from '../ingest/inbound.ts';

export interface EmbeddedOptions {
  readonly host: string;
  readonly port: number;
  /** Takes a message in; `done` answers it. */
  submit(message: Inbound, done: () => void): void;
}

/** Nothing that a device publishes is routed to others: the store is the one reader. */
class Broker extends Aedes {
  override publish(packet: AedesPublishPacket, client: unknown, done?: (error?: Error) => void): void {
    const finished = typeof client === 'function' ? (client as () => void) : done;
    void packet;
    finished?.();
  }
}

export class EmbeddedBroker {
  readonly port: number;
  private readonly broker: Broker;
  private readonly server: Server;
  private readonly clients = new Map<string, Client>();

  private constructor(broker: Broker, server: Server) {
    this.broker = broker;
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(options: EmbeddedOptions): Promise<EmbeddedBroker> {
    const broker = new Broker({ connectTimeout: 10_000, queueLimit: 42 });
    await broker.listen();
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      broker.handle(socket);
    });
    server.listen(options.port, options.host);
    await once(server, 'listening');
    const embedded = new EmbeddedBroker(broker, server);
    broker.authorizePublish = (client, packet, done) => {
      if (client === null) return done(null);
      const { topic, payload, qos } = packet;
      const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
      const packetId = (packet as { messageId?: number }).messageId ?? 0;
      const message = {
        topic,
        payload: bytes,
        tenant: '',
        packetId: qos === 0 ? 0 : packetId,
        dup: packet.dup,
      };
      options.submit(message, () => done(null));
    };
    broker.authorizeSubscribe = (client, subscription, done) => {
      const device = /^cmd\/([^/+#]+)\//.exec(subscription.topic)?.[1];
      if (device === undefined) return done(null, null);
      embedded.clients.set(device, client);
      done(null, subscription);
    };
    broker.on('clientDisconnect', (client) => {
      for (const [device, known] of embedded.clients) if (known === client) embedded.clients.delete(device);
    });
    return embedded;
  }

  ack({ device, bytes }: OutboundAck): void {
    this.clients.get(device)?.publish(
      {
        cmd: 'publish',
        topic: `cmd/${device}/ack`,
        payload: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        qos: 0,
        dup: false,
        retain: false,
      },
      () => undefined,
    );
  }

  async close(): Promise<void> {
    this.server.close();
    await new Promise<void>((resolve) => this.broker.close(resolve));
  }
}
