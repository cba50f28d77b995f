/** The MQTT side of a connection as pure functions: what to say first, and what the broker's reason codes mean. */
import type { IConnackPacket, IConnectPacket, ISubackPacket } from 'mqtt-packet';
import type { DeviceTopics } from '@linnet/core/wire';

export type MqttVersion = 4 | 5;

export interface Credentials {
  readonly user?: string;
  readonly password?: string;
}

export interface SessionOptions {
  readonly device: string;
  readonly incarnation: string;
  readonly topics: DeviceTopics;
  readonly credentials: Credentials;
  readonly keepAliveSeconds: number;
  /** How long the broker keeps what it has for us after the connection is gone; 0: not at all. */
  readonly sessionExpirySeconds: number;
}

/** What a broker allows on this connection. */
export interface Limits {
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
  readonly qos: 0 | 1;
  readonly keepAliveSeconds: number;
  readonly sessionPresent: boolean;
}

export type Connack =
  | { readonly kind: 'accepted'; readonly limits: Limits }
  /** The broker does not speak this version of MQTT. */
  | { readonly kind: 'version' }
  /** `lasting`: a person has to change something; tried again all the same, slowly. */
  | { readonly kind: 'refused'; readonly why: string; readonly lasting: boolean };

/** Reason codes of MQTT 5 that a device meets; the names are the standard's. */
const REASONS: Readonly<Record<number, string>> = {
  0x10: 'no matching subscribers',
  0x80: 'unspecified error',
  0x81: 'malformed packet',
  0x82: 'protocol error',
  0x83: 'implementation specific error',
  0x84: 'unsupported protocol version',
  0x85: 'client identifier not valid',
  0x86: 'bad user name or password',
  0x87: 'not authorized',
  0x88: 'server unavailable',
  0x89: 'server busy',
  0x8a: 'banned',
  0x8b: 'server shutting down',
  0x8d: 'keep alive timeout',
  0x8e: 'session taken over',
  0x8f: 'topic filter invalid',
  0x90: 'topic name invalid',
  0x93: 'receive maximum exceeded',
  0x94: 'topic alias invalid',
  0x95: 'packet too large',
  0x96: 'message rate too high',
  0x97: 'quota exceeded',
  0x98: 'administrative action',
  0x99: 'payload format invalid',
  0x9a: 'retain not supported',
  0x9b: 'QoS not supported',
  0x9c: 'use another server',
  0x9d: 'server moved',
  0x9f: 'connection rate exceeded',
  0xa0: 'maximum connect time',
};
const RETURN_CODES_3 = [
  'accepted',
  'unacceptable protocol version',
  'identifier rejected',
  'server unavailable',
  'bad user name or password',
  'not authorized',
];
/** What a person has to look at, by code of either version. */
const ADVICE: Readonly<Record<number, string>> = {
  2: 'check the id',
  4: 'check user and password',
  5: 'check user and password',
  0x85: 'check the id',
  0x86: 'check user and password',
  0x87: 'check user and password',
};
const LASTING = new Set([0x85, 0x86, 0x87, 0x8a, 0x90, 0x95, 0x9c, 0x9d]);
const LASTING_3 = new Set([2, 4, 5]);

export function reasonText(code: number): string {
  return REASONS[code] ?? `reason code 0x${code.toString(16)}`;
}

export function connectPacket(options: SessionOptions, version: MqttVersion): IConnectPacket {
  const { device, incarnation, topics, credentials, sessionExpirySeconds } = options;
  const five = version === 5;
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: version,
    clientId: device,
    clean: sessionExpirySeconds === 0,
    keepalive: options.keepAliveSeconds,
    ...(credentials.user !== undefined && { username: credentials.user }),
    ...(credentials.password !== undefined && { password: Buffer.from(credentials.password) }),
    will: {
      topic: topics.status,
      payload: JSON.stringify({ device, incarnation, online: false, clean: false }),
      qos: 1,
      retain: false,
      ...(five && { properties: { willDelayInterval: 5 } }),
    },
    ...(five && { properties: { sessionExpiryInterval: sessionExpirySeconds, receiveMaximum: 100 } }),
  };
}

export function readConnack(packet: IConnackPacket, version: MqttVersion, keepAliveSeconds: number): Connack {
  // A broker of version 3 answers with its own, shorter packet, whatever it was asked.
  const code = packet.reasonCode ?? packet.returnCode ?? 0;
  if (code === 0) {
    const given = packet.properties ?? {};
    return {
      kind: 'accepted',
      limits: {
        receiveMaximum: given.receiveMaximum ?? 65_535,
        maximumPacketSize: given.maximumPacketSize ?? 268_435_455,
        qos: given.maximumQoS === 0 ? 0 : 1,
        keepAliveSeconds: given.serverKeepAlive ?? keepAliveSeconds,
        sessionPresent: packet.sessionPresent,
      },
    };
  }
  if (code === 0x84 || code === 1) return { kind: 'version' };
  if (version === 5 && code >= 0x80) {
    const detail = packet.properties?.reasonString;
    const why = detail === undefined ? reasonText(code) : `${reasonText(code)}: ${detail}`;
    return { kind: 'refused', why: advised(why, code), lasting: LASTING.has(code) };
  }
  return {
    kind: 'refused',
    why: advised(RETURN_CODES_3[code] ?? `return code ${code}`, code),
    lasting: LASTING_3.has(code),
  };
}

function advised(why: string, code: number): string {
  const advice = ADVICE[code];
  return advice === undefined ? why : `${why}; ${advice}`;
}

/** @returns what the broker says against the subscription, if anything */
export function subscriptionFailure(packet: ISubackPacket): string | undefined {
  const code = packet.granted.map(Number).find((granted) => granted >= 0x80);
  return code === undefined ? undefined : reasonText(code);
}
