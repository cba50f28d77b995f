import { setTimeout as after } from 'node:timers/promises';
import { LinnetError } from '@linnet/core';
import type { KafkaAdmin, KafkaPort, TopicPartition } from './port.ts';
import type { MemberStatus } from './status.ts';

const POLL_MAX = 10_000;
const POLL_MS = 200;
const LOOK_MS = 20;
const LOOKS_MAX = 100;

/**
 * What a flow's sink has given, committed records only, from the beginning to the end as it is now: lane after lane, each in
 * its order.
 * @throws LinnetError `io.not-found` where the flow has not run under that name, or has no such sink
 */
export async function* readKafkaOutputs(port: KafkaPort, app: string, sink: string): AsyncGenerator<string> {
  const admin = await port.admin();
  try {
    const known = await topicsOf(port, admin, app);
    const topic = known[sink] ?? `${app}.${sink}`;
    const count = (await admin.partitions([topic])).get(topic);
    if (count === undefined)
      throw new LinnetError(
        'io.not-found',
        `topic ${topic} does not exist: the flow has not run under --app ${app}, or has no sink "${sink}"${sinksAre(known)}`,
      );
    for (let partition = 0; partition < count; partition++)
      yield* readToEnd(port, admin, { topic, partition });
  } finally {
    await admin.close();
  }
}

function sinksAre(known: Readonly<Record<string, string>>): string {
  const ids = Object.keys(known);
  return ids.length === 0 ? '' : `; it has ${ids.join(', ')}`;
}

/** Topics of the sinks, as the members of the flow said last: one of `kafkaTopic` has its own name. */
async function topicsOf(
  port: KafkaPort,
  admin: KafkaAdmin,
  app: string,
): Promise<Readonly<Record<string, string>>> {
  const status = { topic: `${app}.status`, partition: 0 };
  if (!(await admin.partitions([status.topic])).has(status.topic)) return {};
  let newest: MemberStatus | undefined;
  for await (const text of readToEnd(port, admin, status)) {
    const said = JSON.parse(text) as MemberStatus;
    if (newest === undefined || said.at >= newest.at) newest = said;
  }
  return newest?.outputs ?? {};
}

async function* readToEnd(port: KafkaPort, admin: KafkaAdmin, at: TopicPartition): AsyncGenerator<string> {
  await settled(admin, at);
  const consumer = await port.read([{ ...at, offset: 0 }]);
  try {
    for (;;) {
      const { messages, ends } = await consumer.poll(POLL_MAX, POLL_MS);
      for (const { value } of messages) if (value !== null) yield Buffer.from(value).toString();
      if (ends.length > 0) return;
    }
  } finally {
    await consumer.close();
  }
}

/** A transaction is over for its member before its end is written everywhere; one that is at work is not waited for. */
async function settled(admin: KafkaAdmin, at: TopicPartition): Promise<void> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    const [committed] = await admin.ends([at], 'committed');
    const [all] = await admin.ends([at], 'all');
    if (committed?.offset === all?.offset) return;
    await after(LOOK_MS);
  }
}
