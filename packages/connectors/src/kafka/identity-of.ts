import { setTimeout as after } from 'node:timers/promises';
import type { KafkaAdmin } from './port.ts';

const LOOK_MS = 500;
const LOOKS_MAX = 20;

/** What tells a topic from another of its name; empty where there is none. A broker that has just started may not know it at once. */
export async function identityOf(admin: KafkaAdmin, topic: string): Promise<string> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    const identity = await admin.identity(topic);
    if (identity !== '') return identity;
    await after(LOOK_MS);
  }
  return '';
}
