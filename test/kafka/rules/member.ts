/** A member of the counting flow inside the test's own process, over a port that can be looked into. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { runKafka, visible, type KafkaPort, type MemberStatus } from '@linnet/connectors/kafka';
import { loadFlow, stateCodec } from '@linnet/connectors/runtime';
import { partitionOf } from '@linnet/connectors/kafka';
import type { HotKeys } from '@linnet/core/engine';
import { linnet } from '../../run-linnet.ts';
import { readTopic, type TestKafka } from '../here.ts';
import type { Reading } from '../flow.ts';

export const FLOW = join(import.meta.dirname, '..', 'flow.ts');
export const LANES = 3;
const START = 1_700_000_000_000;
const LIMIT_MS = 90_000;

export function reading(i: number): Reading {
  return { sensor: `s${(i * 7) % 50}`, region: `r${i % 7}`, at: START + i * 100, value: i };
}

export function readings(count: number, from = 0): Reading[] {
  return Array.from({ length: count }, (_, i) => reading(from + i));
}

/** Writes readings to a topic, which is made if need be. */
export async function feed(
  kafka: TestKafka,
  topic: string,
  list: readonly Reading[],
  end = false,
): Promise<void> {
  const admin = await kafka.port.admin();
  await admin.create({ topic, partitions: LANES, settings: { 'retention.ms': '-1' } });
  await visible(admin, [topic]);
  await admin.close();
  const producer = await kafka.port.producer();
  for (const one of list)
    producer.send({
      topic,
      partition: partitionOf(Buffer.from(one.sensor), LANES),
      key: one.sensor,
      value: Buffer.from(JSON.stringify(one)),
    });
  if (end)
    for (let partition = 0; partition < LANES; partition++)
      producer.send({ topic, partition, key: null, value: null, headers: { 'linnet-end': '1' } });
  await producer.flush();
  await producer.close();
}

export interface MemberOptions {
  readonly port?: KafkaPort;
  readonly instance?: string;
  readonly commitMs?: number;
  readonly untilEnd?: boolean;
  readonly hot?: HotKeys;
}

export class Member {
  readonly said: string[] = [];
  readonly over: Promise<void>;
  status: MemberStatus | undefined;
  private stopping = false;
  private failure: unknown;

  constructor(kafka: TestKafka, app: string, topic: string, options: MemberOptions = {}) {
    const { port = kafka.port, instance = 'm0', commitMs = 50, untilEnd = false, hot } = options;
    this.over = loadFlow(FLOW, import.meta.url).then((graph) =>
      runKafka(graph, {
        port,
        app,
        topics: { '*': topic },
        instance,
        folder: join(kafka.folder, 'state'),
        commitMs,
        untilEnd,
        drop: [],
        codec: stateCodec,
        ...(hot !== undefined && { hot }),
        format: 'text',
        print: () => Promise.resolve(),
        stopped: () => this.stopping,
        onTrouble: (message) => this.said.push(message),
        onStatus: (status) => {
          this.status = status;
        },
      }),
    );
    this.over.catch((error: unknown) => {
      this.failure = error;
    });
  }

  /** Resolves when what the member says of itself is so. */
  async until(what: string, holds: (status: MemberStatus) => boolean): Promise<MemberStatus> {
    for (const end = Date.now() + LIMIT_MS; Date.now() < end; await wait(50)) {
      if (this.failure !== undefined) throw this.failure;
      if (this.status !== undefined && holds(this.status)) return this.status;
    }
    throw new Error(`not ${what}: ${JSON.stringify(this.status)}; it said ${this.said.join(' | ')}`);
  }

  /** Resolves when everything there is has been handled and committed. */
  caughtUp(records: number): Promise<MemberStatus> {
    return this.until(
      `caught up with ${records} records`,
      ({ lanes, records: done }) =>
        lanes.length === LANES &&
        lanes.every(({ state, lag }) => state !== 'restoring' && lag === 0) &&
        done >= records,
    );
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.over;
  }
}

export function runsEverywhere({ lanes }: MemberStatus): boolean {
  return lanes.length === LANES && lanes.every(({ state }) => state === 'running');
}

export async function windowsOf(kafka: TestKafka, app: string): Promise<string[]> {
  const messages = await readTopic(kafka.port, `${app}.windows`);
  return messages.map(({ value }) => Buffer.from(value ?? []).toString()).toSorted();
}

/** What one process gives over the same readings in a file. */
export async function alone(kafka: TestKafka, name: string, list: readonly Reading[]): Promise<string[]> {
  const input = join(kafka.folder, `${name}.jsonl`);
  writeFileSync(input, list.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const recovery = `${input}.recovery`;
  const run = await linnet(['run', FLOW, '--recovery', recovery], { env: { INPUT: input } });
  if (run.code !== 0) throw new Error(run.stderr);
  const { stdout } = await linnet(['outputs', '--recovery', recovery, '--sink', 'windows']);
  return stdout.trimEnd().split('\n').toSorted();
}
