import { setTimeout as after } from 'node:timers/promises';
import { LinnetError } from '@linnet/core';
import type { KafkaAdmin } from './port.ts';

const WAIT_MS = 50;
const WAITS_MAX = 200;
export const RETENTION = 'retention.ms';

/**
 * For topics whose messages have the event time as their stamp: the broker counts retention from there, and would delete the
 * results of an old recording as soon as it looks.
 */
export const KEEP = { [RETENTION]: '-1' };

/** A topic that was just made is not known to every client at once. */
export async function visible(admin: KafkaAdmin, topics: readonly string[]): Promise<void> {
  for (let waits = 0; waits < WAITS_MAX; waits++) {
    if ((await admin.partitions(topics)).size === new Set(topics).size) return;
    await after(WAIT_MS);
  }
  throw new LinnetError('io.failed', `the broker does not show the topics ${topics.join(', ')} that it made`);
}
