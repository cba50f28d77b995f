import type { KafkaConnection } from './connection.ts';
import type { KafkaPort, KafkaProducer, OutgoingMessage } from './port.ts';
import { KEEP, visible } from './topic-made.ts';

/** Sends messages to a topic outside of any transaction: each is acknowledged when `send` resolves. */
export class TopicWriter {
  private readonly target: KafkaConnection & { readonly topic: string };
  private readonly partitions: number;
  private producer: Promise<KafkaProducer> | undefined;

  /** @param partitions of the topic where it is made */
  constructor(target: KafkaConnection & { readonly topic: string }, partitions: number) {
    this.target = target;
    this.partitions = partitions;
  }

  /** Rejects when any of them was not acknowledged: sent again, some may be there twice. */
  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    try {
      this.producer ??= this.connect();
      const producer = await this.producer;
      for (const message of messages) while (!producer.send(message)) await producer.drain();
      await producer.flush();
    } catch (error) {
      // What it still holds would come behind what is sent again.
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await (await producer?.catch(() => undefined))?.close();
  }

  private async connect(): Promise<KafkaProducer> {
    const { brokers, tls, sasl } = this.target;
    const { confluentKafka } = await import('./confluent/index.ts');
    const connection = { brokers, ...(tls !== undefined && { tls }), ...(sasl !== undefined && { sasl }) };
    const port = confluentKafka(connection);
    await this.ensureTopic(port);
    return port.producer();
  }

  private async ensureTopic(port: KafkaPort): Promise<void> {
    const { topic } = this.target;
    const admin = await port.admin();
    try {
      if ((await admin.partitions([topic])).has(topic)) return;
      await admin.create({ topic, partitions: this.partitions, settings: KEEP });
      await visible(admin, [topic]);
    } finally {
      await admin.close();
    }
  }
}
