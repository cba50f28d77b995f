/** Bytes that a message takes on a link, by MQTT 3.1.1 (sections 2.2 and 3.3), without TCP and TLS. */

/** A PUBLISH of quality 1 and the PUBACK that answers it. */
export function publishBytes(topicBytes: number, payloadBytes: number): number {
  const rest = 2 + topicBytes + 2 + payloadBytes;
  const lengthBytes = rest < 128 ? 1 : rest < 16_384 ? 2 : rest < 2_097_152 ? 3 : 4;
  return 1 + lengthBytes + rest + 4;
}

/** The topic that both ways of sending are counted with. */
export const TOPIC_BYTES = 'tele/gateway-01'.length;

/** `{"sensor":"1","time":"2004-03-01T00:00:00.000Z","temperature":18.4498}`, alone in its message: a link without prediction. */
export function plainReadingBytes(sensor: string, measure: string): (value: number) => number {
  const frame = { sensor, time: '2004-03-01T00:00:00.000Z', [measure]: 0 };
  const withoutValue = Buffer.byteLength(JSON.stringify(frame)) - 1;
  return (value) => publishBytes(TOPIC_BYTES, withoutValue + String(value).length);
}
