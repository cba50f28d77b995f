import { loadLibrary } from '../../packages/connectors/src/kafka/confluent/library.ts';
import { call } from '../../packages/connectors/src/kafka/confluent/failure.ts';
import type { TestKafka } from '../kafka/here.ts';

interface Deleting {
  deleteRecords(
    positions: readonly object[],
    options: object,
    done: (error: never, value: unknown) => void,
  ): void;
}

/** Deletes every record that a partition holds, as retention does. */
export async function deleteRecords(kafka: TestKafka, topic: string, partition: number): Promise<void> {
  const own = await kafka.port.admin();
  const [end] = await own.ends([{ topic, partition }], 'all').finally(() => own.close());
  const library = loadLibrary();
  const client = new library.Producer({ 'bootstrap.servers': kafka.bootstrap }, {});
  await call('connect', (done) => client.connect({ timeout: 10_000 }, done));
  const admin = library.AdminClient.createFrom(client) as unknown as Deleting & { disconnect(): void };
  try {
    await call('delete records', (done) =>
      admin.deleteRecords([{ topic, partition, offset: end?.offset }], { timeout: 10_000 }, done),
    );
  } finally {
    admin.disconnect();
    await call('disconnect', (done) => client.disconnect(done));
  }
}
