import type { KafkaConnection } from './connection.ts';
import { messageOf, type KafkaTopicOptions } from './kafka-topic.ts';
import type { KafkaMessage, OutgoingMessage } from './port.ts';
import { TopicWriter } from './topic-writer.ts';

/** Takes messages of a sink's output topic over to a topic of another cluster, with key, stamp and headers as within one cluster. */
export class Forward {
  private readonly options: KafkaTopicOptions<unknown>;
  private readonly writer: TopicWriter;

  constructor(options: KafkaTopicOptions<unknown> & KafkaConnection, lanes: number) {
    this.options = options;
    this.writer = new TopicWriter(options, lanes);
  }

  send(messages: readonly KafkaMessage[]): Promise<void> {
    return this.writer.send(messages.map((message) => this.taken(message)));
  }

  close(): Promise<void> {
    return this.writer.close();
  }

  private taken(message: KafkaMessage): OutgoingMessage {
    const { topic, partition, offset, key, timestamp } = message;
    const flowKey = key === null ? null : Buffer.from(key).toString();
    const made = messageOf(this.options, itemOf(message), flowKey, timestamp);
    return { ...made, headers: { ...made.headers, 'linnet-id': `${topic}/${partition}/${offset}` } };
  }
}

export function itemOf({ value }: KafkaMessage): unknown {
  return value === null ? null : (JSON.parse(Buffer.from(value).toString()) as unknown);
}
