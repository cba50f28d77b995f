/**
 * The link of one process's devices to the broker: a TCP proxy that resets connections, lets them hang, and can be down.
 */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Chance } from '@linnet/core/simulate';

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  /** Of a hundred connections, how many are reset, each within its first kilobytes; drawn anew for those that hold. */
  readonly lossPercent: number;
  readonly chance: Chance;
}

/** A connection is doomed after at most so many bytes, evenly by their logarithm: it ends in a greeting as well as in a batch. */
const DOOM_BYTES = 6000;
/** Connections that hold are drawn again this often. */
const REDRAW_MS = 5000;

interface Pair {
  readonly device: Socket;
  readonly broker: Socket;
  /** Bytes until it is reset. */
  left: number;
}

export class Link {
  /** Connections reset so far. */
  resets = 0;
  readonly port: number;
  private readonly options: LinkOptions;
  private readonly server: Server;
  private readonly pairs = new Set<Pair>();
  private readonly redrawing: NodeJS.Timeout;
  private lossPercent: number;
  private isDown = false;

  private constructor(server: Server, options: LinkOptions) {
    this.server = server;
    this.options = options;
    this.lossPercent = options.lossPercent;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (device) => this.join(device));
    this.redrawing = setInterval(() => {
      for (const pair of this.pairs) if (pair.left === Infinity) pair.left = this.doom();
    }, REDRAW_MS);
  }

  static async open(options: LinkOptions): Promise<Link> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Link(server, options);
  }

  /** Nothing passes any more: half of the connections are reset, half hang until the link is up. */
  down(): void {
    this.isDown = true;
    for (const pair of this.pairs) {
      if (this.options.chance.integer(0, 1) === 0) this.reset(pair);
      else for (const socket of [pair.device, pair.broker]) socket.pause();
    }
  }

  up(): void {
    this.isDown = false;
    for (const { device, broker } of this.pairs) for (const socket of [device, broker]) socket.resume();
  }

  /** It is up and resets nothing any more. */
  heal(): void {
    this.lossPercent = 0;
    for (const pair of this.pairs) pair.left = Infinity;
    this.up();
  }

  /** Every connection at once. */
  resetAll(): void {
    for (const pair of this.pairs) this.reset(pair);
  }

  close(): void {
    clearInterval(this.redrawing);
    this.server.close();
    for (const { device, broker } of this.pairs) for (const socket of [device, broker]) socket.destroy();
  }

  private doom(): number {
    const { chance } = this.options;
    if (chance.uniform(0, 100) >= this.lossPercent) return Infinity;
    return Math.exp(chance.uniform(0, Math.log(DOOM_BYTES)));
  }

  private join(device: Socket): void {
    if (this.isDown) {
      device.on('error', () => undefined);
      device.resetAndDestroy();
      return;
    }
    const broker = connect({ host: this.options.host, port: this.options.port, noDelay: true });
    device.setNoDelay(true);
    const pair: Pair = { device, broker, left: this.doom() };
    this.pairs.add(pair);
    this.carry(pair, device, broker);
    this.carry(pair, broker, device);
  }

  private carry(pair: Pair, from: Socket, to: Socket): void {
    from.on('data', (bytes) => {
      pair.left -= bytes.length;
      if (pair.left <= 0) return this.reset(pair);
      if (to.write(bytes)) return;
      from.pause();
      to.once('drain', () => this.isDown || from.resume());
    });
    from.on('end', () => to.end());
    from.on('error', () => this.reset(pair));
    from.on('close', () => {
      this.pairs.delete(pair);
      to.destroySoon();
    });
  }

  private reset(pair: Pair): void {
    if (!this.pairs.delete(pair)) return;
    this.resets++;
    for (const socket of [pair.device, pair.broker]) {
      // A socket that has begun to end cannot be reset any more: Node would keep it open for ever.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
}
