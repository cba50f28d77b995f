import type { StepCounts } from '@linnet/core/engine';
import type { LaneHolder } from './lane-holder.ts';
import type { KafkaAdmin, KafkaPort, KafkaProducer } from './port.ts';
import type { Topology } from './topology.ts';

/** What a member says of itself, once a second, under its name in the flow's status topic. */
export interface MemberStatus {
  readonly instance: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly lanes: readonly LaneStatus[];
  readonly recordsPerSecond: number;
  readonly records: number;
  readonly deadLetters: number;
  readonly commits: number;
  /** Mean and greatest of the last second, in milliseconds. */
  readonly commitMs: number;
  readonly commitMsMax: number;
  /** Records into each step a second. */
  readonly steps: Readonly<Record<string, number>>;
  readonly rssBytes: number;
  /** Topic of each sink, by its step id; absent in what a version before says. */
  readonly outputs?: Readonly<Record<string, string>>;
}

export interface LaneStatus {
  readonly lane: number;
  readonly state: 'restoring' | 'running' | 'ended';
  /** Messages behind the last one that was handled, over all topics. */
  readonly lag: number;
  /** How far event time lies behind the clock, in milliseconds; null while nothing is known. */
  readonly watermarkLagMs: number | null;
  /** Records of the changelog that are still to be read. */
  readonly restoreRemaining: number;
}

interface StatusOptions {
  readonly port: KafkaPort;
  readonly topology: Topology;
  readonly instance: string;
  onStatus?(status: MemberStatus): void;
}

const PERIOD_MS = 1000;

export class Status {
  private readonly options: StatusOptions;
  private readonly admin: KafkaAdmin;
  private readonly holders: ReadonlyMap<number, LaneHolder>;
  private producer: KafkaProducer | undefined;
  private published = performance.now();
  private records = 0;
  private recordsBefore = 0;
  private deadLetters = 0;
  private commits: number[] = [];
  private commitsInAll = 0;
  private stepsBefore = new Map<string, number>();

  constructor(options: StatusOptions, admin: KafkaAdmin, holders: ReadonlyMap<number, LaneHolder>) {
    this.options = options;
    this.admin = admin;
    this.holders = holders;
  }

  handled(records: number): void {
    this.records += records;
  }

  rejected(records: number): void {
    this.deadLetters += records;
  }

  committed(ms: number): void {
    this.commits.push(ms);
    this.commitsInAll++;
  }

  /** @param last of this run: said whenever it is */
  async publish(last = false): Promise<void> {
    const now = performance.now();
    const elapsed = now - this.published;
    if (elapsed < PERIOD_MS && !last) return;
    this.published = now;
    const status = await this.take(Math.max(elapsed, PERIOD_MS) / 1000);
    this.options.onStatus?.(status);
    this.producer ??= await this.options.port.producer();
    const { topology, instance } = this.options;
    this.producer.send({
      topic: topology.status,
      partition: 0,
      key: instance,
      value: Buffer.from(JSON.stringify(status)),
    });
    // What it says is worth no failure.
    if (last) await this.producer.flush().catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.producer?.close();
  }

  private async take(seconds: number): Promise<MemberStatus> {
    const { commits, records, recordsBefore } = this;
    this.commits = [];
    this.recordsBefore = records;
    return {
      instance: this.options.instance,
      at: Date.now(),
      lanes: await this.lanes(),
      recordsPerSecond: Math.round((records - recordsBefore) / seconds),
      records,
      deadLetters: this.deadLetters,
      commits: this.commitsInAll,
      commitMs: round(commits.reduce((sum, ms) => sum + ms, 0) / Math.max(1, commits.length)),
      commitMsMax: round(Math.max(0, ...commits)),
      steps: this.steps(seconds),
      rssBytes: process.memoryUsage.rss(),
      outputs: Object.fromEntries(this.options.topology.outputs),
    };
  }

  private async lanes(): Promise<LaneStatus[]> {
    const holders = [...this.holders.values()];
    const ends = await this.admin.ends(
      holders.flatMap(({ owned }) => [...owned.values()]),
      'committed',
    );
    return holders.map((holder) => {
      const own = ends.filter(({ topic, partition }) => partition === holder.lane && holder.next.has(topic));
      const watermark = holder.flow?.watermark ?? Infinity;
      return {
        lane: holder.lane,
        state: holder.flow === undefined ? 'restoring' : holder.flow.finished ? 'ended' : 'running',
        lag: own.reduce((sum, { topic, offset }) => sum + Math.max(0, offset - holder.reached(topic)), 0),
        watermarkLagMs: Number.isFinite(watermark) ? Date.now() - watermark : null,
        restoreRemaining: holder.remaining,
      };
    });
  }

  private steps(seconds: number): Record<string, number> {
    const counts = new Map<string, StepCounts>();
    for (const { flow } of this.holders.values()) flow?.addCounts(counts);
    const before = this.stepsBefore;
    this.stepsBefore = new Map([...counts].map(([step, own]) => [step, own['in'] ?? 0]));
    return Object.fromEntries(
      [...this.stepsBefore].map(([step, n]) => [
        step,
        Math.round(Math.max(0, n - (before.get(step) ?? 0)) / seconds),
      ]),
    );
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
