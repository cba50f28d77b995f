/** The parent's handle on a process of devices. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { LinnetError } from '@linnet/core';
import { killProcess } from './kill-process.ts';
import type { FromSite, SiteCounts, SitePlan, SiteReport, ToSite } from './messages.ts';

const MAIN = join(import.meta.dirname, `site-main${extname(import.meta.url)}`);
const SAID_MAX = 4000;

export class Site {
  readonly plan: SitePlan;
  /** Kills that hit it. */
  kills = 0;
  /** As it last said; of its present life. */
  counts: SiteCounts = { recorded: 0, pending: 0, connected: 0 };
  /** Of its live readings: when each was acknowledged, epoch ms, and how long after it was recorded, ms; in turn. */
  readonly acknowledged: number[] = [];
  /** Recorded in the lives before. */
  private before = 0;
  private child: ChildProcess | undefined;
  private said = '';
  private recordingFrom: number | undefined;
  private readonly onFailure: (error: Error) => void;
  private readonly within: readonly string[];

  /** @param within a command that runs the process for us: `ip netns exec NAME` */
  constructor(plan: SitePlan, onFailure: (error: Error) => void, within: readonly string[] = []) {
    this.plan = plan;
    this.within = within;
    this.onFailure = onFailure;
  }

  get recorded(): number {
    return this.before + this.counts.recorded;
  }

  /** Starts it, or starts it again after a kill. @returns when every agent works, unless it is killed before */
  async start(): Promise<void> {
    this.before += this.counts.recorded;
    this.counts = { recorded: 0, pending: this.counts.pending, connected: 0 };
    const [program = '', ...args] = [...this.within, process.execPath, ...process.execArgv];
    const child = fork(MAIN, {
      execPath: program,
      execArgv: args,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child = child;
    child.stderr?.on('data', (text: Buffer) => {
      this.said = (this.said + text.toString()).slice(-SAID_MAX);
    });
    child.on('exit', (code) => {
      if (this.child !== child) return;
      this.child = undefined;
      if (code !== 0)
        this.onFailure(new LinnetError('io.failed', `a process of devices ended: ${this.said.trim()}`));
    });
    const ready = new Promise<void>((resolve) => {
      child.on('message', (message: FromSite) => {
        if (message.kind === 'ready') resolve();
        else this.heard(message);
      });
    });
    this.tell({ kind: 'start', plan: this.plan });
    await Promise.race([ready, once(child, 'exit')]);
    if (this.recordingFrom !== undefined && this.child === child) this.record(this.recordingFrom);
  }

  /** Readings come by the clock from `at` on, after a restart too. */
  record(at: number): void {
    this.recordingFrom = at;
    this.tell({ kind: 'record', at });
  }

  /** SIGKILL. @returns whether there was something to kill */
  async kill(): Promise<boolean> {
    const { child } = this;
    if (child === undefined) return false;
    this.child = undefined;
    await killProcess(child);
    this.kills++;
    return true;
  }

  /** @returns when all that it recorded is stored, or after `waitMs`; the process has ended then */
  async drain(waitMs: number): Promise<void> {
    const { child } = this;
    this.recordingFrom = undefined;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    this.tell({ kind: 'drain', waitMs });
    await gone;
  }

  /** Ends it at once, for good. */
  abandon(): void {
    const { child } = this;
    this.child = undefined;
    child?.kill('SIGKILL');
  }

  private heard({ recorded, pending, connected, acknowledged }: SiteReport): void {
    this.counts = { recorded, pending, connected };
    for (const value of acknowledged) this.acknowledged.push(value);
  }

  private tell(message: ToSite): void {
    this.child?.send(message, () => undefined);
  }
}
