/** @linnet/connectors/kafka: flows over Apache Kafka, and the port to the client behind them. */
export { confluentKafka } from './confluent/index.ts';
export {
  librdkafkaSettings,
  readConnection,
  type KafkaConnection,
  type Sasl,
  type TlsFiles,
} from './connection.ts';
export { connectionOf, kafka, type KafkaSource, type KafkaSourceOptions } from './kafka-source.ts';
export { kafkaTopic, type KafkaTopicOptions, type KafkaTopicSink } from './kafka-topic.ts';
export { END_HEADER } from './member.ts';
export { murmur2, partitionOf } from './murmur2.ts';
export * from './port.ts';
export { readKafkaOutputs } from './read-outputs.ts';
export { readStatus } from './read-status.ts';
export { runKafka, type RunKafkaOptions } from './run-kafka.ts';
export type { LaneStatus, MemberStatus } from './status.ts';
export { KEEP, visible } from './topic-made.ts';
