import { LinnetError } from '@linnet/core';
import type { KafkaConnection } from '../connection.ts';
import { WireConnection } from './connection.ts';
import { Reader, Writer } from './parts.ts';

const DESCRIBE_CONFIGS = 32;
const VERSION = 1;
const TOPIC = 2;

/**
 * Settings of topics, as they are in force (the topic's own over the broker's). The client library cannot tell them.
 * @throws LinnetError `io.refused` where the user may not see them, `io.failed` where no broker answers
 */
export async function topicSettings(
  connection: KafkaConnection,
  topics: readonly string[],
  names: readonly string[],
): Promise<Map<string, Record<string, string>>> {
  const request = new Writer().int32(topics.length);
  for (const topic of topics) {
    request.int8(TOPIC).string(topic).int32(names.length);
    for (const name of names) request.string(name);
  }
  // No synonyms: where else a value could have come from.
  request.int8(0);
  let wire: WireConnection | undefined;
  try {
    wire = await WireConnection.open(connection);
    return read(await wire.ask(DESCRIBE_CONFIGS, VERSION, request.bytes()));
  } catch (error) {
    if (error instanceof LinnetError) throw error;
    throw new LinnetError(
      'io.failed',
      `Kafka at ${connection.brokers}: the settings of topics cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  } finally {
    wire?.close();
  }
}

function read(bytes: Buffer): Map<string, Record<string, string>> {
  const reader = new Reader(bytes);
  reader.int32();
  const found = new Map<string, Record<string, string>>();
  reader.list(() => {
    const [code, message] = [reader.int16(), reader.string()];
    reader.int8();
    const topic = reader.string() ?? '';
    const values: Record<string, string> = {};
    reader.list(() => {
      const [name, value] = [reader.string(), reader.string()];
      // Whether it is read-only, where it comes from, whether it is secret; and no synonyms.
      for (let i = 0; i < 3; i++) reader.int8();
      reader.list(() => [reader.string(), reader.string(), reader.int8()]);
      if (name !== null && value !== null) values[name] = value;
    });
    if (code !== 0)
      throw new LinnetError(
        'io.refused',
        `topic ${topic}: its settings cannot be read: ${message ?? `code ${code}`}`,
      );
    found.set(topic, values);
  });
  return found;
}
