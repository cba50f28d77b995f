import type { Source } from '@linnet/core/engine';
import type { Decoded, Rejected } from '@linnet/core/engine';
import type { KafkaMessage } from './port.ts';

/**
 * A topic of JSON values as a source. It is read by the member that has the lane, not by itself: `decode` turns messages into
 * records. A value that is no JSON is rejected and goes to the dead letters.
 */
export function jsonTopic(topic: string): Source<unknown> {
  return {
    kind: 'kafka',
    name: topic,
    bounded: false,
    open() {
      throw new Error('a topic is read by a member of a group');
    },
    decode(payload): Decoded<unknown> {
      const messages = ('items' in payload ? payload.items : []) as readonly KafkaMessage[];
      const items: unknown[] = [];
      const positions = new Int32Array(messages.length);
      const rejected: Rejected[] = [];
      messages.forEach(({ value }, at) => {
        try {
          // A deleted key says nothing that a flow of readings could use.
          if (value === null) return;
          items.push(JSON.parse(textOf(value)));
          positions[items.length - 1] = at;
        } catch (error) {
          rejected.push({ at, why: `no JSON: ${(error as Error).message}` });
        }
      });
      const whole = items.length === messages.length;
      return { items, positions: whole ? null : positions.slice(0, items.length), rejected };
    },
    place: (offset) => `offset ${offset}`,
  };
}

function textOf(value: Uint8Array): string {
  return Buffer.isBuffer(value)
    ? value.toString()
    : Buffer.from(value.buffer, value.byteOffset, value.length).toString();
}
