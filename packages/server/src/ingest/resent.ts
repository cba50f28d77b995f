/**
 * Tells a plain device's repetition from a new message. MQTT gives no more than a packet id that is used again and a flag DUP: a message that
 * says DUP, and has the packet id, topic and payload of one of the last `RECENT_MAX` stored, is that one.
 */
import { crc32 } from 'node:zlib';
import type { Inbound } from './inbound.ts';

/** More than clients send without an answer (paho: 20). */
const RECENT_MAX = 64;
const CRC_SPAN = 2 ** 32;

/** @param recent of the device; the message is remembered there when it is new */
export function isResent(recent: number[], { packetId, dup, topic, payload }: Inbound): boolean {
  if (packetId === 0) return false;
  const code = packetId * CRC_SPAN + crc32(payload, crc32(topic));
  if (dup && recent.includes(code)) return true;
  // A packet id that is used again proves that its last message was answered.
  const [low, high] = [packetId * CRC_SPAN, (packetId + 1) * CRC_SPAN];
  for (let i = 0; i < recent.length; i++) {
    const known = recent[i] as number;
    if (known < low || known >= high) continue;
    recent.splice(i, 1);
    break;
  }
  if (recent.push(code) > RECENT_MAX) recent.shift();
  return false;
}
