/** Bytes that a message takes on a link, by MQTT 3.1.1 (sections 2.2 and 3.3), without TCP and TLS. */
import { encodeAck, encodeFrame } from '@linnet/core/wire';

/** A PUBLISH of quality 1 and the PUBACK that answers it. */
export function publishBytes(topicBytes: number, payloadBytes: number): number {
  const rest = 2 + topicBytes + 2 + payloadBytes;
  const lengthBytes = rest < 128 ? 1 : rest < 16_384 ? 2 : rest < 2_097_152 ? 3 : 4;
  return 1 + lengthBytes + rest + 4;
}

/** Sequences of an agent's log after its first start, which set how long their varints are. */
const SEQUENCE = 2 ** 28 + 1;

/**
 * The same for a message as the agent's log sends it: as JSON in a frame that names device, start and sequence, answered by the broker and
 * then by the server.
 */
export function framedBytes(messageBytes: number): number {
  // {"dual":"BASE64"}
  const payload = new Uint8Array(11 + 4 * Math.ceil(messageBytes / 3));
  const incarnation = '0'.repeat(16);
  const frame = encodeFrame({
    device: 'gateway-01',
    incarnation,
    live: true,
    urgent: false,
    floor: SEQUENCE,
    prev: SEQUENCE,
    round: 1,
    bootFirst: SEQUENCE,
    sentAt: 1.7e12,
    sentMono: 1e8,
    records: [{ sequence: SEQUENCE, at: 1.7e12, mono: 1e8, payload }],
  });
  const runs = [[SEQUENCE, SEQUENCE]] as const;
  const ack = encodeAck({ incarnation, receivedAt: 1.7e12, round: 1, refused: false, runs });
  return publishBytes(TOPIC_BYTES, frame.length) + publishBytes('cmd/gateway-01/ack'.length, ack.length) - 6;
}

/** The topic that both ways of sending are counted with. */
export const TOPIC_BYTES = 'tele/gateway-01'.length;

/** `{"sensor":"1","time":"2004-03-01T00:00:00.000Z","temperature":18.4498}`, alone in its message: a link without prediction. */
export function plainReadingBytes(sensor: string, measure: string): (value: number) => number {
  const frame = { sensor, time: '2004-03-01T00:00:00.000Z', [measure]: 0 };
  const withoutValue = Buffer.byteLength(JSON.stringify(frame)) - 1;
  return (value) => publishBytes(TOPIC_BYTES, withoutValue + String(value).length);
}
