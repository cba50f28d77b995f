/** The listening socket: TCP or TLS, with a guard before each connection's parser. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer as createTcpServer,
  isIPv4,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { LinnetError } from '@linnet/core/base';
import { PacketGuard, type GuardLimits } from './packet-guard.ts';

export interface ServerTls {
  /** Files in PEM. */
  readonly cert: string;
  readonly key: string;
  /** Authority of the devices' certificates: each client has to show one (mutual TLS). */
  readonly clientCa?: string;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: ServerTls;
  readonly connectionsMax: number;
  readonly handshakeMs: number;
}

const KEEP_ALIVE_MS = 60_000;

/** @throws LinnetError `io.failed` for a port that cannot be had, `io.not-found`, `config.invalid` for files */
export async function listen(options: ListenOptions, onSocket: (socket: Socket) => void): Promise<Server> {
  const { host, port, tls, connectionsMax, handshakeMs } = options;
  const server = tls === undefined ? createTcpServer(onSocket) : tlsServer(tls, handshakeMs, onSocket);
  server.maxConnections = connectionsMax;
  server.listen({ host, port, backlog: 4096 });
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const taken = code === 'EADDRINUSE';
    throw new LinnetError(
      'io.failed',
      taken
        ? `port ${port} of ${host} is in use: stop the other program, or give --port`
        : `cannot listen on ${host}:${port}: ${message}`,
      { cause },
    );
  }
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Whether an address can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Puts a guard before what reads the socket. `refuse` is told why, and the connection is over. */
export function guarded(
  socket: Socket,
  limits: GuardLimits,
  mayRead: (socket: Socket) => boolean,
  refuse: (why: string) => void,
): PacketGuard {
  const guard = new PacketGuard(limits);
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  socket.read = (size?: number): Buffer | null => {
    if (size !== 0 && !mayRead(socket)) return null;
    const chunk = read(size);
    if (chunk === null) return null;
    const wrong = guard.push(chunk);
    if (wrong === undefined) return chunk;
    refuse(wrong);
    socket.destroy();
    return null;
  };
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return guard;
}

function tlsServer(tls: ServerTls, handshakeMs: number, onSocket: (socket: Socket) => void): Server {
  const { cert, key, clientCa } = tls;
  try {
    const server = createTlsServer(
      {
        cert: pem(cert),
        key: pem(key),
        ...(clientCa !== undefined && { ca: pem(clientCa), requestCert: true, rejectUnauthorized: true }),
        minVersion: 'TLSv1.2',
        handshakeTimeout: handshakeMs,
      },
      onSocket,
    );
    server.on('tlsClientError', () => undefined);
    return server;
  } catch (cause) {
    if (cause instanceof LinnetError) throw cause;
    throw new LinnetError(
      'config.invalid',
      `${cert} and ${key} are no certificate with its key: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

function pem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new LinnetError('io.not-found', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
