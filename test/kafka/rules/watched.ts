/** The real port, with what goes through it noted. */
import type {
  Assignments,
  GroupOptions,
  KafkaConsumer,
  KafkaPort,
  Polled,
  Position,
} from '@linnet/connectors/kafka';

export interface Watched extends KafkaPort {
  /** Calls in the order in which they were over. */
  readonly calls: string[];
  readonly transactionTimeouts: number[];
  readonly pollsMax: number[];
  /** Where changelogs were read from, by partition. */
  readonly restoredFrom: Position[];
  /** What the runtime gave to the client to be told of its partitions, and the consumer of it. */
  group: { readonly assignments: Assignments; readonly consumer: KafkaConsumer } | undefined;
  /** While true no messages come. */
  held: boolean;
}

export function watched(port: KafkaPort, group: (name: string) => boolean): Watched {
  const watch: Watched = {
    ...port,
    calls: [],
    transactionTimeouts: [],
    pollsMax: [],
    restoredFrom: [],
    group: undefined,
    held: false,
    async transactions(id, timeoutMs) {
      const made = await port.transactions(id, timeoutMs);
      watch.calls.push(`transactions ${id}`);
      watch.transactionTimeouts.push(timeoutMs);
      return made;
    },
    async join(options: GroupOptions) {
      const consumer = await port.join(options);
      if (!group(options.group)) return consumer;
      watch.calls.push(`join ${options.group} as ${options.instance}`);
      watch.group = { assignments: options.assignments, consumer };
      const poll = consumer.poll.bind(consumer);
      consumer.poll = (max, waitMs): Promise<Polled> => {
        watch.pollsMax.push(max);
        return watch.held ? poll(0, waitMs).catch(() => NOTHING) : poll(max, waitMs);
      };
      return consumer;
    },
    async read(positions) {
      watch.restoredFrom.push(...positions.filter(({ topic }) => topic.endsWith('.changelog')));
      return port.read(positions);
    },
  };
  return watch;
}

const NOTHING: Polled = { messages: [], ends: [] };
