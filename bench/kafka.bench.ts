/**
 * A forest a sensor over Apache Kafka: 200-byte JSON in, state in the changelog, one record in a hundred out, a transaction every 100 ms.
 * Broker, processes and what measures them share the machine's cores: CPU seconds for a million records stand under the rates.
 *
 * Bytewax and Quix Streams keep their states for recovery and commit every 100 ms, too; their recorded figures are of a busy machine.
 * What the client alone reaches over the same topic, without state and changelog, is the limit. CPU time is read from /proc: Linux only.
 */
import { clientAlone } from './kafka/client-alone.ts';
import { startFleetTopic, type FleetTopic } from './kafka/fleet-topic.ts';
import { restoreSeconds, writeStates } from './kafka/restore.ts';
import { takeOverSeconds } from './kafka/take-over.ts';
import { throughput, type Throughput } from './kafka/throughput.ts';
import type { Scenario, ScriptPeer } from './scenario.ts';

const RECORDS = 2_000_000;
const SENSORS = 1000;
const MANY_SENSORS = 20_000;
/** Of the broker of scripts/kafka, in seconds. */
const SESSION_TIMEOUT_S = 6;

/** Of the scenario that this process runs. */
let topic: FleetTopic;
const said = new Map<string, Throughput>();

export const scenarios: readonly Scenario[] = [
  {
    id: 'kafka-hst-1000-keys',
    unit: 'records/s',
    target: 60_000,
    rounds: 1,
    warmup: 0,
    peer: {
      name: 'the client alone, no state',
      prepare: () => () => take('client alone', clientAlone(topic)).recordsPerSecond,
    },
    async prepare() {
      topic = await startFleetTopic(RECORDS, SENSORS);
      return async () => take('one process', await throughput(topic, 1)).recordsPerSecond;
    },
    notes,
  },
  {
    // Nearly every record is the only one of its sensor within a commit: a record of the changelog for each.
    id: 'kafka-hst-20000-keys',
    unit: 'records/s',
    rounds: 1,
    warmup: 0,
    async prepare() {
      topic = await startFleetTopic(RECORDS / 2, MANY_SENSORS);
      return async () => take('one process', await throughput(topic, 1)).recordsPerSecond;
    },
    notes,
  },
  {
    id: 'kafka-hst-two-processes-cpu-1m',
    unit: 's',
    target: { timesPeer: 1 },
    rounds: 3,
    warmup: 0,
    peer: {
      name: 'one process',
      prepare: () => async () => cpuOf(take('one process', await throughput(topic, 1))),
    },
    async prepare() {
      topic = await startFleetTopic(RECORDS, SENSORS);
      return async () => cpuOf(take('two processes', await throughput(topic, 2)));
    },
    notes,
  },
  beside('bytewax', 'Bytewax 0.21.1 + River 0.26.1', 10_750),
  beside('quix', 'Quix Streams 3.28.1 + River 0.26.1', 2900),
  {
    id: 'kafka-restore-100k-keys',
    unit: 's',
    target: 20,
    rounds: 2,
    warmup: 0,
    async prepare() {
      topic = await startFleetTopic(300_000, 100_000);
      await writeStates(topic, 'restore');
      return () => restoreSeconds(topic, 'restore');
    },
  },
  {
    id: 'kafka-take-over-after-kill',
    unit: 's',
    target: SESSION_TIMEOUT_S + 5,
    rounds: 2,
    warmup: 0,
    async prepare() {
      topic = await startFleetTopic(200_000, SENSORS);
      return () => takeOverSeconds(topic);
    },
    notes: () => `the broker's session timeout is ${SESSION_TIMEOUT_S} s`,
  },
];

/** One process, beside a framework that does the same over the same topic. */
function beside(figure: string, name: string, recorded: number): Scenario {
  const peer: ScriptPeer = {
    name,
    recorded,
    script: 'kafka_streams.py',
    figure,
    requirements: 'requirements-kafka.txt',
  };
  return {
    id: `kafka-hst-1000-keys-${figure}`,
    unit: 'records/s',
    rounds: 1,
    warmup: 0,
    peer,
    async prepare() {
      topic = await startFleetTopic(RECORDS / 2, SENSORS);
      return async () => take('one process', await throughput(topic, 1)).recordsPerSecond;
    },
    notes,
  };
}

function take(what: string, figures: Throughput): Throughput {
  said.set(what, figures);
  return figures;
}

function cpuOf({ processes }: Throughput): number {
  return processes.reduce((sum, seconds) => sum + seconds, 0);
}

function notes(): string {
  const lines = Array.from(said, ([what, { broker, processes }]) => {
    const each = processes.map((seconds) => seconds.toFixed(2)).join(' + ');
    return `${what.padEnd(14)}  broker ${broker.toFixed(2)}, processes ${each}`;
  });
  return ['CPU seconds for a million records:', ...lines].join('\n');
}
