/** The socket under the sender: TCP or TLS, and MQTT packets in and out. */
import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { generate, parser, writeToStream, type Packet } from 'mqtt-packet';
import { LinnetError } from '@linnet/core/base';
import { connectionTrouble } from './connection-trouble.ts';
import type { MqttVersion } from './sender/session.ts';

/** Files in PEM; `cert` and `key` together make the device show who it is (mutual TLS). */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface Broker {
  readonly host: string;
  readonly port: number;
  readonly tls: ConnectionOptions | undefined;
  readonly user: string | undefined;
}

const PORTS: Readonly<Record<string, { port: number; tls: boolean }>> = {
  'mqtt:': { port: 1883, tls: false },
  'tcp:': { port: 1883, tls: false },
  'mqtts:': { port: 8883, tls: true },
  'ssl:': { port: 8883, tls: true },
};
/** A packet longer than this is no answer to anything that we said. */
const INBOUND_BYTES_MAX = 1 << 20;

/** @throws LinnetError `config.invalid` for an address that is none, `io.not-found` for a file that cannot be read */
export function parseBroker(address: string, files: TlsFiles = {}): Broker {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new LinnetError(
      'config.invalid',
      `${JSON.stringify(address)} is no address: mqtt://host[:port] or mqtts://host`,
    );
  }
  const scheme = PORTS[url.protocol];
  if (scheme === undefined || url.hostname === '') {
    throw new LinnetError(
      'config.invalid',
      `${JSON.stringify(address)} is no broker: mqtt://host[:port] or mqtts://host`,
    );
  }
  if (url.password !== '') {
    throw new LinnetError(
      'config.invalid',
      'a password in the broker address shows in the list of processes: set LINNET_MQTT_PASSWORD or --password-file',
    );
  }
  const given = Object.keys(files).length > 0;
  if (given && !scheme.tls) {
    throw new LinnetError('config.invalid', 'certificates need a broker address that begins with mqtts://');
  }
  if ((files.cert === undefined) !== (files.key === undefined)) {
    throw new LinnetError('config.invalid', 'mutual TLS needs both --cert and --key');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: url.port === '' ? scheme.port : Number(url.port),
    tls: scheme.tls ? tlsOptions(host, files) : undefined,
    user: url.username === '' ? undefined : decodeURIComponent(url.username),
  };
}

export interface Connection {
  send(packet: Packet): void;
  /** Stops reading, or goes on: whoever cannot keep up lets the other side wait. */
  reading(on: boolean): void;
  close(): void;
}

export interface ConnectionEvents {
  opened(): void;
  packet(packet: Packet): void;
  /** Once, after which nothing more comes. */
  closed(why: string | undefined): void;
}

export function openConnection(broker: Broker, version: MqttVersion, events: ConnectionEvents): Connection {
  const { host, port, tls } = broker;
  // It would keep a buffer for each of 65,536 numbers, 8 MB, to save making one of two bytes.
  writeToStream.cacheNumbers = false;
  // TLS is loaded where it is used: it takes 3 MB.
  const socket: Socket =
    tls === undefined
      ? connectTcp({ host, port })
      : process.getBuiltinModule('node:tls').connect({ host, port, ...tls });
  const packets = parser({ protocolVersion: version });
  let over = false;
  const end = (why?: string): void => {
    if (over) return;
    over = true;
    socket.destroy();
    events.closed(why);
  };
  packets.on('packet', (packet) => {
    if (!over) events.packet(packet);
  });
  packets.on('error', (error: Error) => end(`broker sends no MQTT: ${error.message}`));
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
  socket.on(tls === undefined ? 'connect' : 'secureConnect', () => {
    if (!over) events.opened();
  });
  let buffered = 0;
  socket.on('data', (data: Buffer) => {
    buffered = packets.parse(data);
    if (buffered > INBOUND_BYTES_MAX) end('broker sends a packet that is too long');
  });
  socket.on('error', (error) => end(connectionTrouble(error)));
  socket.on('close', () => end('connection closed'));
  return {
    send: (packet) => {
      if (!over) socket.write(generate(packet, { protocolVersion: version }));
    },
    reading: (on) => void (on ? socket.resume() : socket.pause()),
    close: () => {
      if (over) return;
      over = true;
      // What was written before (a DISCONNECT) still goes out; a peer that never closes does not hold us.
      socket.end();
      socket.destroySoon();
    },
  };
}

function tlsOptions(host: string, { ca, cert, key }: TlsFiles): ConnectionOptions {
  return {
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca: readPem(ca) }),
    ...(cert !== undefined && { cert: readPem(cert) }),
    ...(key !== undefined && { key: readPem(key) }),
    minVersion: 'TLSv1.2',
  };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new LinnetError('io.not-found', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
