import type { KafkaMessage } from './port.ts';

/** Messages of one partition behind each other, as they come. */
export function runsOf(messages: readonly KafkaMessage[]): KafkaMessage[][] {
  const runs: KafkaMessage[][] = [];
  let [topic, partition]: [string | undefined, number] = [undefined, -1];
  for (const message of messages) {
    if (message.topic !== topic || message.partition !== partition) {
      runs.push([]);
      ({ topic, partition } = message);
    }
    (runs.at(-1) as KafkaMessage[]).push(message);
  }
  return runs;
}
