import { call } from '../../packages/connectors/src/kafka/confluent/failure.ts';
import { loadLibrary } from '../../packages/connectors/src/kafka/confluent/library.ts';
import type { TestKafka } from './here.ts';

type Done = (error: never, value: never) => void;

interface Deleting {
  deleteTopic(topic: string, timeoutMs: number, done: Done): void;
  deleteGroups(groups: readonly string[], options: object, done: Done): void;
  disconnect(): void;
}

/** What only who breaks things asks of a cluster: no call of the port. */
export async function nativeAdmin<T>(
  kafka: TestKafka,
  what: string,
  work: (admin: Deleting, done: Done) => void,
): Promise<T> {
  const library = loadLibrary();
  const client = new library.Producer({ 'bootstrap.servers': kafka.bootstrap }, {});
  await call('connect', (done) => client.connect({ timeout: 10_000 }, done));
  const admin = library.AdminClient.createFrom(client) as unknown as Deleting;
  const result = await call<T>(what, (done) => work(admin, done as Done));
  admin.disconnect();
  await call('disconnect', (done) => client.disconnect(done));
  return result;
}
