import { setTimeout as after } from 'node:timers/promises';
import { isSink, type Graph, type OpenSinks } from '@linnet/core/engine';
import { KafkaFailure } from './port.ts';
import type { KafkaConsumer, KafkaMessage, KafkaPort, Position, TopicPartition } from './port.ts';
import { Backlog } from './backlog.ts';
import { elsewhere } from './kafka-topic.ts';
import { Forward, itemOf } from './forward.ts';
import { startOf } from './start-of.ts';
import type { Topology } from './topology.ts';

const POLL_MAX = 1000;
const POLL_MS = 200;
const RETRY_MS = 1000;

export interface DeliverOptions {
  readonly port: KafkaPort;
  readonly topology: Topology;
  readonly sinks: OpenSinks;
  stopped(): boolean;
  onTrouble(message: string): void;
}

/** Delivers until told to end; joins again when the broker was away. */
export async function deliver(options: DeliverOptions): Promise<void> {
  for (;;) {
    try {
      await deliverOnce(options);
      return;
    } catch (error) {
      if (!(error instanceof KafkaFailure) || options.stopped()) throw error;
      options.onTrouble(`delivery: ${error.message}; joining again`);
    }
    await after(RETRY_MS);
  }
}

/**
 * Hands committed outputs to the sinks outside of Kafka: the output topic is their outbox. At least once, in order a lane; a
 * sink that fails is tried again and holds up nothing but itself.
 */
async function deliverOnce(options: DeliverOptions): Promise<void> {
  const { port, topology } = options;
  const others = [...elsewhere(topology.plan.graph)];
  const forwards = new Map(others.map(([id, target]) => [id, new Forward(target, topology.lanes)]));
  const topics = [...outsideSinks(topology.plan.graph)].map((id) => topology.outputs.get(id) as string);
  if (topics.length === 0) return;
  const sinkOf = new Map([...topology.outputs].map(([id, topic]) => [topic, id]));
  const admin = await port.admin();
  let consumer: KafkaConsumer | undefined;
  const start = (partitions: readonly TopicPartition[]) =>
    startOf(admin, consumer as KafkaConsumer, partitions);
  const fresh: TopicPartition[] = [];
  const backlog = new Backlog();
  try {
    consumer = await port.join({
      group: `${topology.app}.deliver`,
      topics,
      assignments: {
        assigned: async (partitions) => {
          fresh.push(...partitions);
          backlog.assigned(partitions);
          return start(partitions);
        },
        revoked: (partitions) => Promise.resolve(backlog.gone(partitions)),
        lost: (partitions) => Promise.resolve(backlog.gone(partitions)),
      },
    });
    while (!(options.stopped() && backlog.done(performance.now()))) {
      consumer.resume(fresh.splice(0));
      const { messages, ends } = await consumer.poll(POLL_MAX, POLL_MS);
      backlog.polled(messages, ends);
      if (messages.length === 0) continue;
      for (const [topic, own] of Map.groupBy(messages, (message) => message.topic))
        await hand(options, sinkOf.get(topic) as string, own, forwards);
      await consumer.commit(lastOf(messages));
    }
  } finally {
    for (const forward of forwards.values()) await forward.close();
    try {
      await consumer?.close();
    } finally {
      await admin.close();
    }
  }
}

/** Ids of the sinks whose records leave Kafka. */
export function outsideSinks(graph: Graph): string[] {
  return [...graph.steps.values()].flatMap((step) =>
    isSink(step) && step.sink.transactional !== true ? [step.id] : [],
  );
}

async function hand(
  { sinks, stopped, onTrouble }: DeliverOptions,
  sink: string,
  messages: readonly KafkaMessage[],
  forwards: ReadonlyMap<string, Forward>,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const forward = forwards.get(sink);
      await (forward?.send(messages) ?? sinks.hand(sink, messages.map(itemOf)));
      return;
    } catch (error) {
      if (attempt === 0) onTrouble(`sink "${sink}": ${(error as Error).message}; trying again every second`);
      if (stopped()) throw error;
      await after(RETRY_MS);
    }
  }
}

function lastOf(messages: readonly KafkaMessage[]): Position[] {
  const last = new Map<string, Position>();
  for (const { topic, partition, offset } of messages)
    last.set(`${topic} ${partition}`, { topic, partition, offset: offset + 1 });
  return [...last.values()];
}
