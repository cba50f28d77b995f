/** @linnet/connectors: sources, sinks and backends for Node. Each folder can be imported alone. */
export * from './alert/index.ts';
export * from './file/index.ts';
export * from './history/index.ts';
export * from './http/index.ts';
export * from './runtime/index.ts';
export * from './recovery/index.ts';
export { kafka, type KafkaSource, type KafkaSourceOptions } from './kafka/kafka-source.ts';
export { kafkaTopic, type KafkaTopicOptions, type KafkaTopicSink } from './kafka/kafka-topic.ts';
