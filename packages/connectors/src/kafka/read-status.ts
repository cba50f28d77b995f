import type { KafkaPort } from './port.ts';
import type { MemberStatus } from './status.ts';

const POLL_MS = 1000;
const SILENT_MS = 10_000;

/** What the members of a flow say, about once a second, those that spoke within the last 10 s by name. */
export async function* readStatus(port: KafkaPort, app: string): AsyncGenerator<readonly MemberStatus[]> {
  const admin = await port.admin();
  const at = { topic: `${app}.status`, partition: 0 };
  const known = await admin
    .partitions([at.topic])
    .then((found) => found.has(at.topic))
    .finally(() => admin.close());
  if (!known) {
    yield [];
    return;
  }
  const consumer = await port.read([{ ...at, offset: 0 }]);
  const members = new Map<string, MemberStatus>();
  try {
    for (let caughtUp = false; ;) {
      const { messages, ends } = await consumer.poll(1000, POLL_MS);
      for (const { key, value } of messages)
        if (key !== null && value !== null)
          members.set(Buffer.from(key).toString(), JSON.parse(Buffer.from(value).toString()) as MemberStatus);
      caughtUp ||= ends.length > 0;
      if (!caughtUp) continue;
      const now = Date.now();
      yield [...members.values()]
        .filter((member) => now - member.at < SILENT_MS)
        .toSorted((a, b) => (a.instance < b.instance ? -1 : 1));
    }
  } finally {
    await consumer.close();
  }
}
