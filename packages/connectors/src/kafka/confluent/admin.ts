import type { KafkaAdmin, Position, TopicPartition, TopicSettings } from '../port.ts';
import { KafkaFailure } from '../port.ts';
import type { KafkaConnection } from '../connection.ts';
import { topicSettings } from '../wire/topic-settings.ts';
import { Calls } from './calls.ts';
import { connect } from './connect.ts';
import { eachPartition } from './each-partition.ts';
import { call } from './failure.ts';
import type { Library, NativeAdmin, NativeMetadata, NativeProducer } from './library.ts';

const CALL_MS = 10_000;
const TOPIC_EXISTS = 36;
/** The id of a topic that there is not, in base 64: zeros. */
const NO_ID = '"AAAAAAAAAAAAAAAAAAAAAA"';
/** The broker's default.replication.factor. */
const BROKERS_OWN = -1;

export class ConfluentAdmin implements KafkaAdmin {
  private readonly library: Library;
  private readonly client: NativeProducer;
  private readonly admin: NativeAdmin;

  private readonly connection: KafkaConnection;
  private readonly calls = new Calls();

  private constructor(library: Library, client: NativeProducer, connection: KafkaConnection) {
    this.connection = connection;
    this.library = library;
    this.client = client;
    this.admin = library.AdminClient.createFrom(client);
  }

  static async open(
    library: Library,
    settings: Readonly<Record<string, unknown>>,
    connection: KafkaConnection,
  ): Promise<ConfluentAdmin> {
    const client = new library.Producer(settings, {});
    await connect(client, settings['bootstrap.servers']);
    return new ConfluentAdmin(library, client, connection);
  }

  async partitions(topics: readonly string[]): Promise<Map<string, number>> {
    const options = { allTopics: true, timeout: CALL_MS };
    const metadata = await call<NativeMetadata>('metadata', (done) => this.client.getMetadata(options, done));
    return new Map(
      metadata.topics
        .filter(({ name }) => topics.includes(name))
        .map(({ name, partitions }) => [name, partitions.length]),
    );
  }

  settings(
    topics: readonly string[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    return topicSettings(this.connection, topics, names);
  }

  async identity(topic: string): Promise<string> {
    const found = await call<readonly { readonly topicId: unknown }[]>('describe topic', (done) =>
      this.admin.describeTopics([topic], { timeout: CALL_MS }, done),
    );
    const identity = JSON.stringify(found[0]?.topicId ?? null, (_, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    return identity === 'null' || identity.includes(NO_ID) ? '' : identity;
  }

  async create({ topic, partitions, replication = BROKERS_OWN, settings }: TopicSettings): Promise<void> {
    const wanted = { topic, num_partitions: partitions, replication_factor: replication, config: settings };
    try {
      await call<void>(`create topic ${topic}`, (done) => this.admin.createTopic(wanted, CALL_MS, done));
    } catch (error) {
      if (!(error instanceof KafkaFailure && error.errorCode === TOPIC_EXISTS)) throw error;
    }
  }

  ends(partitions: readonly TopicPartition[], isolation: 'committed' | 'all'): Promise<Position[]> {
    const { OffsetSpec, IsolationLevel } = this.library.AdminClient;
    const level = isolation === 'committed' ? IsolationLevel.READ_COMMITTED : IsolationLevel.READ_UNCOMMITTED;
    return this.offsets(partitions, OffsetSpec.LATEST, level);
  }

  beginnings(partitions: readonly TopicPartition[]): Promise<Position[]> {
    const { OffsetSpec, IsolationLevel } = this.library.AdminClient;
    return this.offsets(partitions, OffsetSpec.EARLIEST, IsolationLevel.READ_UNCOMMITTED);
  }

  async close(): Promise<void> {
    await this.calls.close();
    this.admin.disconnect();
    await call('disconnect', (done) => this.client.disconnect(done)).catch(() => undefined);
  }

  private async offsets(
    partitions: readonly TopicPartition[],
    offset: unknown,
    isolationLevel: number,
  ): Promise<Position[]> {
    if (partitions.length === 0) return [];
    const asked = partitions.map(({ topic, partition }) => ({ topic, partition, offset }));
    const found = await eachPartition<Position>('list offsets', () =>
      this.calls.ask<Position[]>('list offsets', (done) =>
        this.admin.listOffsets(asked as never, { timeout: CALL_MS, isolationLevel }, done as never),
      ),
    );
    return found.map((one) => ({ topic: one.topic, partition: one.partition, offset: one.offset }));
  }
}
