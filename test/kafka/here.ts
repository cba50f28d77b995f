/** A real broker and the client for the tests over Kafka; each test file has a broker of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { confluentKafka, type KafkaAdmin, type KafkaMessage, type KafkaPort } from '@linnet/connectors/kafka';
import { startBroker, stopBroker, whyNoBroker } from '../../scripts/kafka-tool/broker.ts';
import { kafkaClient } from '../../scripts/kafka-tool/client.ts';
import { noClientLeft } from './no-client-left.ts';

/** Why tests over Kafka cannot run here; to be given to `skip`. */
export const skip: string | false = whyNoBroker() ?? false;

export interface TestKafka {
  readonly bootstrap: string;
  readonly port: KafkaPort;
  /** Folder of the test, gone at the end. */
  readonly folder: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends the broker. Fails where a client of this process is open still. */
  stop(): Promise<void>;
}

type Settings = Readonly<Record<string, string>>;

/**
 * @param settings of the broker over ours; a function is given the test's folder, and ours
 * @param format more arguments of the command that formats the storage
 */
export async function startKafka(
  settings: Settings | ((folder: string) => (own: Settings) => Settings) = {},
  format: readonly string[] = [],
): Promise<TestKafka> {
  process.env['LINNET_KAFKA_CLIENT'] = kafkaClient();
  const folder = mkdtempSync(join(tmpdir(), 'linnet-kafka-'));
  const broker = {
    folder: join(folder, 'broker'),
    port: 0,
    format,
    settings: typeof settings === 'function' ? settings(folder) : settings,
  };
  const { bootstrap } = await startBroker(broker);
  let starting: Promise<unknown> = Promise.resolve();
  let over = false;
  return {
    bootstrap,
    port: confluentKafka({ brokers: bootstrap }),
    folder,
    kill: async () => void (await stopBroker(broker.folder, { kill: true })),
    restart: async () => {
      // Who is interrupted stops everything while a case is still at work.
      if (over) throw new Error('the broker was stopped for good');
      starting = startBroker(broker);
      await starting;
    },
    stop: async () => {
      over = true;
      await starting.catch(() => undefined);
      try {
        await noClientLeft();
      } finally {
        await stopBroker(broker.folder, { kill: true });
        rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      }
    },
  };
}

/** Every message of a topic, of committed transactions only, partition after partition. */
export async function readTopic(port: KafkaPort, topic: string): Promise<KafkaMessage[]> {
  const admin = await port.admin();
  try {
    return await readAll(port, admin, topic);
  } finally {
    await admin.close();
  }
}

async function readAll(port: KafkaPort, admin: KafkaAdmin, topic: string): Promise<KafkaMessage[]> {
  const count = (await admin.partitions([topic])).get(topic) ?? 0;
  const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
  // A transaction is over for its member before its end is written everywhere.
  const ends = async (isolation: 'committed' | 'all') =>
    JSON.stringify(await admin.ends(partitions, isolation));
  while ((await ends('committed')) !== (await ends('all'))) await wait(20);
  const consumer = await port.read(partitions.map((at) => ({ ...at, offset: 0 })));
  const messages: KafkaMessage[] = [];
  const done = new Set<number>();
  try {
    while (done.size < count) {
      const polled = await consumer.poll(10_000, 200);
      messages.push(...polled.messages);
      for (const { partition } of polled.ends) done.add(partition);
    }
  } finally {
    await consumer.close();
  }
  return messages.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}
