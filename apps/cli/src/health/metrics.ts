import type { MemberStatus } from '@linnet/connectors/kafka';
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';

/** What a process of a flow on Kafka says of itself, in the words of Prometheus. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly lanes = this.gauge('linnet_lanes', 'lanes of this process', 'state');
  private readonly lag = this.gauge(
    'linnet_lag_records',
    'messages behind the last one that was handled, over all topics of a lane',
    'lane',
  );
  private readonly watermarkLag = this.gauge(
    'linnet_watermark_lag_seconds',
    'how far event time lies behind the clock',
    'lane',
  );
  private readonly restore = this.gauge(
    'linnet_restore_remaining_records',
    'records of the changelog that are still to be read before a lane goes on',
    'lane',
  );
  private readonly commit = this.gauge(
    'linnet_commit_seconds',
    'time that a commit took in the last second',
    'figure',
  );
  private readonly steps = this.gauge(
    'linnet_step_records_per_second',
    'records into each step in the last second',
    'step',
  );
  private readonly records = this.counter('linnet_records_total', 'messages handled');
  private readonly deadLetters = this.counter(
    'linnet_dead_letters_total',
    'messages given to the dead letters',
  );
  private readonly commits = this.counter('linnet_commits_total', 'transactions committed');
  private before = { records: 0, deadLetters: 0, commits: 0 };

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  take(status: MemberStatus): void {
    for (const gauge of [this.lanes, this.lag, this.watermarkLag, this.restore, this.steps]) gauge.reset();
    for (const state of ['running', 'restoring', 'ended'])
      this.lanes.set({ state }, status.lanes.filter((lane) => lane.state === state).length);
    for (const { lane, lag, watermarkLagMs, restoreRemaining } of status.lanes) {
      this.lag.set({ lane }, lag);
      this.restore.set({ lane }, restoreRemaining);
      if (watermarkLagMs !== null) this.watermarkLag.set({ lane }, watermarkLagMs / 1000);
    }
    this.commit.set({ figure: 'mean' }, status.commitMs / 1000);
    this.commit.set({ figure: 'max' }, status.commitMsMax / 1000);
    for (const [step, perSecond] of Object.entries(status.steps)) this.steps.set({ step }, perSecond);
    const { records, deadLetters, commits } = status;
    this.records.inc(since(this.before.records, records));
    this.deadLetters.inc(since(this.before.deadLetters, deadLetters));
    this.commits.inc(since(this.before.commits, commits));
    this.before = { records, deadLetters, commits };
  }

  private gauge(name: string, help: string, label: string): Gauge {
    return new Gauge({ name, help, labelNames: [label], registers: [this.registry] });
  }

  private counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.registry] });
  }
}

/** A process that joined the group again counts from 0. */
function since(before: number, now: number): number {
  return now >= before ? now - before : now;
}
