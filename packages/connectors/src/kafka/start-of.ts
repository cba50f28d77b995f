import { LinnetError } from '@linnet/core';
import type { KafkaAdmin, KafkaConsumer, Position, TopicPartition } from './port.ts';

/**
 * Where partitions go on: behind what was committed, else at their beginning.
 * @throws LinnetError `io.failed` when what comes next is gone: going on would pass over records in silence
 */
export async function startOf(
  admin: KafkaAdmin,
  consumer: Pick<KafkaConsumer, 'committed'>,
  partitions: readonly TopicPartition[],
): Promise<Position[]> {
  const committed = await consumer.committed(partitions);
  const beginnings = await admin.beginnings(partitions);
  return beginnings.map((first) => {
    const at = committed.find(
      ({ topic, partition }) => topic === first.topic && partition === first.partition,
    );
    if (at === undefined) return first;
    if (at.offset >= first.offset) return at;
    throw new LinnetError(
      'io.failed',
      `${at.topic}, partition ${at.partition}: the flow had come to offset ${at.offset}, but the topic begins at ${first.offset}: ` +
        `retention deleted ${first.offset - at.offset} records that were not handled; raise the topic's retention, and begin anew under another --app`,
    );
  });
}
