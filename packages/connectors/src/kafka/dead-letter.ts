import type { KafkaMessage, OutgoingMessage } from './port.ts';
import { decodeMoved } from './repartition.ts';
import type { Topology } from './topology.ts';

/** A message that cannot be handled, kept whole with where it stood and why. */
export function deadLetterOf(
  message: KafkaMessage,
  why: string,
  { deadLetters, edgeOf }: Topology,
): OutgoingMessage {
  const { topic, partition, offset, key } = message;
  return {
    topic: deadLetters,
    partition,
    key,
    value: edgeOf.has(topic) ? readable(message) : message.value,
    headers: {
      'linnet-topic': topic,
      'linnet-partition': String(partition),
      'linnet-offset': String(offset),
      'linnet-error': why,
    },
  };
}

/** A moved record as JSON; its bytes where they are none. */
function readable({ value }: KafkaMessage): Uint8Array | null {
  try {
    const moved = decodeMoved(value ?? new Uint8Array());
    return 'record' in moved ? Buffer.from(JSON.stringify(moved.record.item)) : value;
  } catch {
    return value;
  }
}
