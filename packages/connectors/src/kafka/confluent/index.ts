import { librdkafkaSettings, type KafkaConnection } from '../connection.ts';
import { MESSAGE_BYTES_MAX, type KafkaPort } from '../port.ts';
import { ConfluentAdmin } from './admin.ts';
import { ConfluentConsumer } from './consumer.ts';
import { loadLibrary } from './library.ts';
import { ConfluentProducer } from './producer.ts';

/**
 * Kafka through @confluentinc/kafka-javascript (librdkafka), version 1.10. Groups use the broker's own protocol (KIP-848)
 * with range assignment, so that partition i of topics of the same size comes to one member.
 *
 * @throws LinnetError `io.not-found` where the library is not installed, `config.invalid` for the connection
 */
export function confluentKafka(connection: KafkaConnection): KafkaPort {
  // A broker that was started again is found within a second; the library's own 10 s are most of a transaction's time.
  const settings = { ...librdkafkaSettings(connection), 'reconnect.backoff.max.ms': 1000 };
  const library = loadLibrary();
  const reading = { ...settings, 'fetch.wait.max.ms': 50, 'queued.max.messages.kbytes': 65_536 };
  return {
    async join({ group, topics, instance, assignments }) {
      const consumer = await ConfluentConsumer.open(
        library,
        {
          ...reading,
          'group.id': group,
          'group.protocol': 'consumer',
          'group.remote.assignor': 'range',
          'auto.offset.reset': 'error',
          ...(instance !== undefined && { 'group.instance.id': instance }),
        },
        assignments,
      );
      return consumer.with((native) => native.subscribe(topics));
    },
    async read(positions) {
      const group = 'linnet-reader';
      const consumer = await ConfluentConsumer.open(library, {
        ...reading,
        'group.id': group,
        'auto.offset.reset': 'earliest',
      });
      return consumer.with((native) => native.assign(positions));
    },
    transactions: (id, timeoutMs) =>
      ConfluentProducer.open(
        library,
        {
          ...settings,
          'message.max.bytes': MESSAGE_BYTES_MAX,
          'transactional.id': id,
          'transaction.timeout.ms': timeoutMs,
          'linger.ms': 5,
        },
        true,
      ),
    producer: () =>
      ConfluentProducer.open(library, {
        ...settings,
        'enable.idempotence': true,
        'linger.ms': 20,
        'compression.type': 'lz4',
      }),
    admin: () => ConfluentAdmin.open(library, settings, connection),
  };
}
