/**
 * The client alone, the limit of any flow over it: reads the topic in batches, parses each value, sends one in a hundred on, and commits a
 * transaction every 100 ms. No state, no changelog, no rules. BOOTSTRAP TOPIC; prints a line of JSON.
 */
import { confluentKafka, type KafkaConsumer, type Position } from '@linnet/connectors/kafka';
import { LANES } from './fleet-topic.ts';

const COMMIT_MS = 100;
const [brokers = '', topic = ''] = process.argv.slice(2);
const port = confluentKafka({ brokers });
const admin = await port.admin();
const group = `client-${process.pid}`;
await admin.create({ topic: group, partitions: LANES, settings: {} });
const transactions = await port.transactions(group, 15_000);
const fresh: Position[] = [];
const consumer: KafkaConsumer = await port.join({
  group,
  topics: [topic],
  assignments: {
    assigned: async (partitions) => {
      const positions = await admin.beginnings(partitions);
      fresh.push(...positions);
      return positions;
    },
    revoked: () => Promise.resolve(),
    lost: () => Promise.resolve(),
  },
});

let [records, started, committedAt, startCpu] = [0, 0, 0, 0];
let open = false;
const positions = new Map<number, Position>();
for (const ended = new Set<number>(); ended.size < LANES;) {
  if (fresh.length > 0) consumer.resume(fresh.splice(0));
  const { messages } = await consumer.poll(5000, 50);
  if (messages.length > 0 && records === 0) {
    started = committedAt = performance.now();
    startCpu = cpu();
  }
  if (messages.length > 0 && !open) {
    await transactions.begin();
    open = true;
  }
  for (const { partition, offset, key, value } of messages) {
    positions.set(partition, { topic, partition, offset: offset + 1 });
    if (value === null) {
      ended.add(partition);
      continue;
    }
    const reading = JSON.parse((value as Buffer).toString()) as { n: number };
    if (reading.n % 100 === 0) transactions.send({ topic: group, partition, key, value });
    records++;
  }
  if (!open || (performance.now() - committedAt < COMMIT_MS && ended.size < LANES)) continue;
  await transactions.commit([...positions.values()], consumer);
  open = false;
  committedAt = performance.now();
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(`${JSON.stringify({ records, seconds, cpu: cpu() - startCpu })}\n`);
await consumer.close();
await transactions.close();
await admin.close();
process.exit();

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
