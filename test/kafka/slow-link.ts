/** A link to a broker on which requests of one kind can be held back, as by a broker that is busy or a network that is cut. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Of Kafka's protocol: the request that ends a transaction. */
export const END_TRANSACTION = 26;

export interface SlowLink {
  readonly port: number;
  /** Where requests go to. */
  brokerPort: number;
  /** Kind of the requests that wait, with everything behind them on their connection. */
  hold(kind: number): void;
  /** Resolves when a request waits. */
  holding(): Promise<void>;
  release(): void;
  close(): Promise<void>;
}

/** Opens a link on loopback; a broker whose advertised address it is has all its clients on it. */
export async function slowLink(): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const held = new Set<() => void>();
  let kind: number | undefined;
  let wake: () => void = () => undefined;
  const server = createServer((client) => {
    const broker = connect(link.brokerPort, '127.0.0.1');
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        broker.destroy();
      });
    }
    broker.pipe(client);
    let rest = Buffer.alloc(0);
    const pass = () => {
      // A request: its length in four bytes, then its kind in two.
      while (rest.length >= 6 && rest.length >= 4 + rest.readInt32BE(0)) {
        if (rest.readInt16BE(4) === kind) {
          held.add(pass);
          wake();
          return;
        }
        const end = 4 + rest.readInt32BE(0);
        broker.write(rest.subarray(0, end));
        rest = rest.subarray(end);
      }
    };
    client.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      if (!held.has(pass)) pass();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const link: SlowLink = {
    port: (server.address() as AddressInfo).port,
    brokerPort: 0,
    hold(wanted) {
      kind = wanted;
    },
    async holding() {
      if (held.size > 0) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    },
    release() {
      kind = undefined;
      const waiting = [...held];
      held.clear();
      for (const pass of waiting) pass();
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
  return link;
}
