/** Asks a broker for its metadata over the wire: a broker is ready when it answers, not when its port is open. */
import { once } from 'node:events';
import { connect } from 'node:net';

/** Metadata, version 4: the names of no topics, nothing created. */
const API = 3;
const VERSION = 4;

/**
 * @returns how many brokers the cluster has
 * @throws Error when nothing listens, or what listens does not answer as a broker within `timeoutMs`
 */
export async function brokersOf(host: string, port: number, timeoutMs = 1000): Promise<number> {
  const socket = connect({ host, port });
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  try {
    await once(socket, 'connect');
    socket.write(request());
    let bytes = Buffer.alloc(0);
    for await (const chunk of socket) {
      bytes = Buffer.concat([bytes, chunk as Buffer]);
      if (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) break;
    }
    // Length, correlation, throttle time, then the array of brokers.
    return bytes.length < 16 ? 0 : bytes.readInt32BE(12);
  } finally {
    socket.destroy();
  }
}

function request(): Buffer {
  const client = Buffer.from('linnet');
  const body = Buffer.alloc(2 + 2 + 4 + 2 + client.length + 4 + 1);
  let at = body.writeInt16BE(API, 0);
  at = body.writeInt16BE(VERSION, at);
  at = body.writeInt32BE(1, at);
  at = body.writeInt16BE(client.length, at);
  at += client.copy(body, at);
  at = body.writeInt32BE(0, at);
  body.writeUInt8(0, at);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}
