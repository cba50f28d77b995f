import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEEP, visible, type KafkaTransactions } from '@linnet/connectors/kafka';
import { startKafka, readTopic, type TestKafka } from '../kafka/here.ts';
import { linnet } from '../run-linnet.ts';
import { Feeder } from './feeder.ts';
import { Fleet } from './fleet.ts';
import type { Reading } from './readings.ts';
import { allRun, until } from './watch.ts';

export const FLOW = join(import.meta.dirname, 'flow.ts');
export const LANES = 6;
const SINKS = ['tenths', 'windows'];

export interface Count {
  readonly inputs: number;
  readonly expected: number;
  readonly missing: number;
  readonly duplicated: number;
}

/** The broker that all cases share, and what they are judged by. */
export class World {
  readonly kafka: TestKafka;
  /** Even in 0 to 1, the same for a seed. */
  readonly random: () => number;

  private readonly onSaid: ((line: string) => void) | undefined;
  private readonly fleets: Fleet[] = [];
  /** What a case opened, to be closed when it is over. */
  private readonly opened: (() => Promise<void>)[] = [];
  private fail: (error: Error) => void = () => undefined;

  private constructor(kafka: TestKafka, random: () => number, onSaid?: (line: string) => void) {
    this.onSaid = onSaid;
    this.kafka = kafka;
    this.random = random;
  }

  static async start(random: () => number, onSaid?: (line: string) => void): Promise<World> {
    const kafka = await startKafka({ 'log.retention.check.interval.ms': '1000' });
    return new World(kafka, random, onSaid);
  }

  /** A process that ends with an error ends the case: nobody would come to what it waits for. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      const failed = new Promise<never>((_, reject) => (this.fail = reject));
      return await Promise.race([work(), failed]);
    } finally {
      this.fail = () => undefined;
      await this.clear();
    }
  }

  /** Ends the processes of the cases and closes what they opened; to be called again where a case goes on after its end. */
  async clear(): Promise<void> {
    await Promise.all(this.fleets.splice(0).map((fleet) => fleet.stop()));
    for (const close of this.opened.splice(0)) await close();
  }

  async stop(): Promise<void> {
    await this.clear();
    await this.kafka.stop();
  }

  /** A topic of the flow's shape, and who writes to it. */
  async feeder(topic: string): Promise<Feeder> {
    const admin = await this.kafka.port.admin();
    try {
      await admin.create({ topic, partitions: LANES, settings: KEEP });
      await visible(admin, [topic]);
    } finally {
      await admin.close();
    }
    const producer = await this.kafka.port.producer();
    const feeder = new Feeder(producer, topic, LANES, (error) => this.fail(error));
    this.opened.push(() => feeder.abandon());
    return feeder;
  }

  /** A producer of the case's own. */
  async transactions(id: string, timeoutMs: number): Promise<KafkaTransactions> {
    const own = await this.kafka.port.transactions(id, timeoutMs);
    this.opened.push(() => own.close());
    return own;
  }

  fleet(
    app: string,
    topic: string,
    options: { readonly state?: string; readonly idle?: string } = {},
  ): Fleet {
    const { state = join(this.kafka.folder, 'state'), idle } = options;
    const place = ['--kafka', this.kafka.bootstrap, '--app', app, '--topic', topic, '--state', state];
    const env: Record<string, string> = idle === undefined ? {} : { IDLE: idle };
    const fleet = new Fleet(
      ['run', FLOW, ...place, '--until-end'],
      env,
      (error) => this.fail(error),
      this.onSaid,
    );
    this.fleets.push(fleet);
    return fleet;
  }

  /** Resolves when every lane runs, shared by so many processes. */
  running(app: string, processes: number): Promise<void> {
    return until(this.kafka.port, app, `running on ${processes} processes`, allRun(LANES, processes));
  }

  /** Resolves when a process that was away has lanes that run, and commits again. */
  committing(app: string, name: string, since: number): Promise<void> {
    let before = Infinity;
    return until(this.kafka.port, app, `committing in ${name}`, (members) => {
      const own = members.find(({ instance, at }) => instance === name && at > since);
      if (own === undefined || own.lanes.every(({ state }) => state !== 'running')) return false;
      const hasGrown = own.commits > before;
      // It counts from none again after it joined again.
      before = Math.min(before, own.commits);
      return hasGrown;
    });
  }

  /** Resolves when everything that was fed has been handled. */
  caughtUp(app: string): Promise<void> {
    const all = allRun(LANES, 1);
    return until(
      this.kafka.port,
      app,
      'caught up',
      (members) =>
        all(members) &&
        members.every(({ lanes, records }) => records > 0 && lanes.every(({ lag }) => lag === 0)),
    );
  }

  /** Resolves when so many processes wait for a changelog. */
  restoring(app: string, processes: number): Promise<void> {
    return until(
      this.kafka.port,
      app,
      `restoring on ${processes} processes`,
      (members) =>
        members.filter(({ lanes }) => lanes.some(({ state }) => state === 'restoring')).length >= processes,
    );
  }

  /** What the flow's sinks hold, committed outputs only, in any order. */
  async outputs(app: string): Promise<string[]> {
    const lines: string[] = [];
    for (const sink of SINKS) {
      const messages = await readTopic(this.kafka.port, `${app}.${sink}`);
      lines.push(...messages.map(({ value }) => `${sink} ${Buffer.from(value ?? []).toString()}`));
    }
    return lines;
  }

  /** What one process gives over the same readings, kept in a file. */
  async expected(app: string, all: readonly Reading[]): Promise<string[]> {
    const input = join(this.kafka.folder, `${app}.jsonl`);
    writeFileSync(input, all.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const recovery = `${input}.recovery`;
    await succeed(['run', FLOW, '--recovery', recovery], { INPUT: input });
    const lines: string[] = [];
    for (const sink of SINKS) {
      const text = await succeed(['outputs', '--recovery', recovery, '--sink', sink], {});
      for (const line of text.split('\n')) if (line !== '') lines.push(`${sink} ${line}`);
    }
    return lines;
  }

  async judge(app: string, all: readonly Reading[]): Promise<Count> {
    const expected = await this.expected(app, all);
    return { inputs: all.length, expected: expected.length, ...compare(expected, await this.outputs(app)) };
  }
}

/** A line too many, or one that nobody expected, is a duplicate: of itself, or of a record that was counted twice. */
export function compare(
  expected: readonly string[],
  found: readonly string[],
): { readonly missing: number; readonly duplicated: number } {
  const open = new Map<string, number>();
  for (const line of expected) open.set(line, (open.get(line) ?? 0) + 1);
  let duplicated = 0;
  for (const line of found) {
    const left = open.get(line) ?? 0;
    if (left === 0) duplicated++;
    else open.set(line, left - 1);
  }
  return { missing: [...open.values()].reduce((sum, left) => sum + left, 0), duplicated };
}

async function succeed(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const { code, stdout, stderr } = await linnet(args, { env });
  if (code !== 0) throw new Error(`linnet ${args[0]} ended with ${code}: ${stderr}`);
  return stdout;
}
