/** A TCP proxy that is as far away as asked: every byte takes so long, each way; the bytes are counted. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface SlowLink {
  readonly port: number;
  /** Bytes so far, to the server and back. */
  up(): number;
  down(): number;
  close(): void;
}

export async function slowLink(target: number, roundTripMs: number): Promise<SlowLink> {
  let [up, down] = [0, 0];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => undefined);
      socket.on('close', () => void [near.destroy(), far.destroy()]);
    }
    // A connection over such a link is there after a round trip of its own; here it is there at once.
    const opened = performance.now() + roundTripMs;
    near.on('data', (bytes: Buffer) => {
      up += bytes.length;
      const wait = Math.max(0, opened - performance.now()) + roundTripMs / 2;
      setTimeout(() => far.write(bytes), wait);
    });
    far.on('data', (bytes: Buffer) => {
      down += bytes.length;
      setTimeout(() => near.write(bytes), roundTripMs / 2);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    up: () => up,
    down: () => down,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
