/** Requests to a broker in Kafka's own protocol, for the little that the client library does not offer. */
import { readFileSync } from 'node:fs';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates } from 'node:tls';
import { passwordOf, type KafkaConnection, type TlsFiles } from '../connection.ts';
import { logIn } from './log-in.ts';
import { Writer } from './parts.ts';

const ANSWER_MS = 10_000;
const ANSWER_BYTES_MAX = 64 * 2 ** 20;

/** One connection; a request at a time. */
export class WireConnection {
  private readonly socket: Socket;
  private readonly chunks: AsyncIterator<Buffer>;
  private correlation = 0;
  private rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    this.chunks = (socket as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** Connects to the first of the brokers that answers, and logs in. */
  static async open(connection: KafkaConnection): Promise<WireConnection> {
    let failure: unknown;
    for (const address of connection.brokers.split(',')) {
      const at = address.lastIndexOf(':');
      const [host, port] = at < 0 ? [address, 9092] : [address.slice(0, at), Number(address.slice(at + 1))];
      let wire: WireConnection | undefined;
      try {
        wire = new WireConnection(socketTo(host.replaceAll(/[[\]]/g, ''), port, connection.tls ?? false));
        if (connection.sasl !== undefined) await logIn(wire, connection.sasl);
        return wire;
      } catch (error) {
        wire?.close();
        failure = error;
      }
    }
    throw failure;
  }

  /** @returns the body of the answer */
  async ask(api: number, version: number, body: Buffer): Promise<Buffer> {
    const head = new Writer().int16(api).int16(version).int32(++this.correlation).string('linnet').bytes();
    const length = new Writer().int32(head.length + body.length).bytes();
    this.socket.write(Buffer.concat([length, head, body]));
    const size = (await this.take(4)).readInt32BE(0);
    if (size < 4 || size > ANSWER_BYTES_MAX) throw new Error('what answers is no Kafka broker');
    return (await this.take(size)).subarray(4);
  }

  close(): void {
    this.socket.destroy();
  }

  private async take(bytes: number): Promise<Buffer> {
    while (this.rest.length < bytes) {
      const { value, done } = await this.chunks.next();
      if (done === true) throw new Error('the broker hung up');
      this.rest = Buffer.concat([this.rest, value]);
    }
    const taken = this.rest.subarray(0, bytes);
    this.rest = this.rest.subarray(bytes);
    return taken;
  }
}

function socketTo(host: string, port: number, tls: boolean | TlsFiles): Socket {
  const files = typeof tls === 'object' ? tls : {};
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  const passphrase = passwordOf(files.keyPasswordEnv, files.keyPasswordFile);
  const socket =
    tls === false
      ? connectPlain({ host, port })
      : connectTls({
          host,
          port,
          ca: read(files.ca) ?? [...getCACertificates('default'), ...getCACertificates('system')],
          ...(files.cert !== undefined && { cert: read(files.cert), key: read(files.key) }),
          ...(passphrase !== undefined && { passphrase }),
          ...(isIP(host) === 0 && { servername: host }),
        });
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
  return socket;
}
