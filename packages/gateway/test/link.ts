import { once } from 'node:events';
import { connect, createServer, type Server as TcpServer, type Socket } from 'node:net';

/**
 * A link that can be cut: connections die, and new ones too until it is mended. With `bytesMax` each connection is reset after so many bytes
 * of both directions, at most, wherever in a packet that is; the generator is seeded.
 */
export class Link {
  private readonly sockets = new Set<Socket>();
  private readonly server: TcpServer;
  private target: number;
  private cutOff = false;
  /** Connections that were reset. */
  resets = 0;
  private chance = 7;

  private constructor(target: number, bytesMax: number) {
    this.target = target;
    this.server = createServer((near) => {
      if (this.cutOff) return near.destroy();
      const far = connect(this.target, '127.0.0.1');
      let left = bytesMax * this.next();
      const count = (chunk: Buffer): void => {
        left -= chunk.length;
        if (left > 0 || near.destroyed) return;
        this.resets++;
        near.resetAndDestroy();
      };
      if (Number.isFinite(bytesMax)) for (const socket of [near, far]) socket.on('data', count);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
      return undefined;
    });
  }

  static async open(target: number, bytesMax = Infinity): Promise<Link> {
    const link = new Link(target, bytesMax);
    link.server.listen(0, '127.0.0.1');
    await once(link.server, 'listening');
    return link;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  cut(): void {
    this.cutOff = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(target: number): void {
    this.target = target;
    this.cutOff = false;
  }

  private next(): number {
    this.chance = (this.chance * 48_271) % 2_147_483_647;
    return this.chance / 2_147_483_647;
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
