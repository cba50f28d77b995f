export { confluentKafka } from './confluent/index.ts';
export { librdkafkaSettings, readConnection, type KafkaConnection, type Sasl, type TlsFiles } from './connection.ts';
export * from './port.ts';
export { murmur2, partitionOf } from './murmur2.ts';
