/** A process of many devices, each an agent of its own with a log on disk and a connection; told what to do by its parent. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { agent, type Agent } from '@linnet/agent';
import { deviceName } from './device-name.ts';
import { LedgerWriter, nextNumber, readLedger } from './ledger.ts';
import type { FromSite, SiteReport, SitePlan, ToSite } from './messages.ts';
import { SimulatedDevice } from './reading.ts';
import { Chance } from '@linnet/core/simulate';

/** Readings that are due within one turn are recorded together. */
const TURN_MS = 10;
const COUNTS_MS = 200;
/** A power cut is no part of this: what is written survives SIGKILL without a sync. */
const FSYNC_MS = 30_000;
const BACKLOG_GROUP = 100;

class Device {
  readonly place: number;
  readonly agent: Agent;
  readonly simulated: SimulatedDevice;
  /** Its moment within each interval, ms. */
  readonly phaseMs: number;
  next: number;

  constructor(place: number, own: Agent, simulated: SimulatedDevice, phaseMs: number, next: number) {
    this.place = place;
    this.agent = own;
    this.simulated = simulated;
    this.phaseMs = phaseMs;
    this.next = next;
  }
}

class Site {
  private readonly plan: SitePlan;
  private readonly ledger: LedgerWriter;
  private readonly devices: readonly Device[];
  private recorded = 0;
  private readonly acknowledged: number[];
  private readonly underWay = new Set<Promise<void>>();
  private turns: NodeJS.Timeout | undefined;
  private settled: { recorded: (readonly [number, number])[]; dropped: (readonly [number, number])[] } = {
    recorded: [],
    dropped: [],
  };

  private constructor(
    plan: SitePlan,
    devices: readonly Device[],
    ledger: LedgerWriter,
    acknowledged: number[],
  ) {
    this.plan = plan;
    this.acknowledged = acknowledged;
    this.devices = devices.toSorted((a, b) => a.phaseMs - b.phaseMs);
    this.ledger = ledger;
  }

  static async start(plan: SitePlan): Promise<Site> {
    const isNew = !existsSync(plan.ledger);
    const ledger = new LedgerWriter(plan.ledger);
    const fates = readLedger(plan.ledger);
    const faults = new Set(plan.faults);
    const devices: Device[] = [];
    const acknowledged: number[] = [];
    for (let place = plan.first; place < plan.first + plan.count; place++) {
      const simulated = new SimulatedDevice(plan.seed, place, faults, Date.now(), plan.forMs);
      const id = deviceName(plan.run, place);
      const own = await agent({
        id,
        broker: plan.broker,
        buffer: join(plan.buffers, id),
        fsync: FSYNC_MS,
        wallClock: () => simulated.wallClock(),
        onStored: (ms) => acknowledged.push(Date.now(), ms),
        ...credentials(plan, id),
      });
      const phaseMs = new Chance(plan.seed, `phase ${place}`).uniform(0, plan.intervalMs);
      devices.push(new Device(place, own, simulated, phaseMs, nextNumber(fates.get(place))));
    }
    const site = new Site(plan, devices, ledger, acknowledged);
    if (isNew) await site.recordBacklog();
    return site;
  }

  /** What there is to say since the last time. */
  report(): SiteReport {
    let [pending, connected] = [0, 0];
    for (const { agent: own } of this.devices) {
      const stats = own.stats();
      pending += stats.pending + stats.waiting;
      connected += stats.connected ? 1 : 0;
    }
    const acknowledged = this.acknowledged.splice(0);
    return { recorded: this.recorded, pending, connected, acknowledged };
  }

  /** Readings by the clock: device after device in order of its moment, interval after interval. */
  record(at: number): void {
    const { devices, plan } = this;
    let [turn, next] = [Math.max(0, Math.floor((Date.now() - at) / plan.intervalMs)), 0];
    const dueAt = () => at + turn * plan.intervalMs + (devices[next] as Device).phaseMs;
    const forward = () => {
      next = (next + 1) % devices.length;
      if (next === 0) turn++;
    };
    clearInterval(this.turns);
    // A device that was off has no readings of that time.
    while (dueAt() < Date.now()) forward();
    this.turns = setInterval(() => {
      const due: Device[] = [];
      for (const now = Date.now(); dueAt() <= now; forward()) due.push(devices[next] as Device);
      this.recordOf(due);
    }, TURN_MS);
  }

  /** @returns once all that was recorded is stored, or after `waitMs` */
  async drain(waitMs: number): Promise<void> {
    clearInterval(this.turns);
    await Promise.all(this.underWay);
    const until = performance.now() + waitMs;
    for (const { agent: own } of this.devices) await own.drained(Math.max(1, until - performance.now()));
  }

  async close(): Promise<void> {
    await Promise.all(this.devices.map(({ agent: own }) => own.close()));
    this.ledger.close();
  }

  private async recordBacklog(): Promise<void> {
    for (let done = 0; done < this.plan.backlog; done += BACKLOG_GROUP) {
      const group = Math.min(BACKLOG_GROUP, this.plan.backlog - done);
      for (let i = 0; i < group; i++) this.recordOf(this.devices);
      await Promise.all(this.underWay);
    }
  }

  private recordOf(due: readonly Device[]): void {
    const numbered = due.map((device) => ({ device, n: device.next++ }));
    this.ledger.begin(numbered.map(({ device, n }) => [device.place, n]));
    for (const { device, n } of numbered) {
      const done = device.agent
        .record(device.simulated.reading(n))
        .then((recorded) => this.settle(device.place, n, recorded))
        .finally(() => this.underWay.delete(done));
      this.underWay.add(done);
    }
  }

  /** Readings that resolve in one turn share a write, which is still of that turn. */
  private settle(place: number, n: number, recorded: boolean): void {
    const { settled } = this;
    if (settled.recorded.length + settled.dropped.length === 0) setImmediate(() => this.writeSettled());
    (recorded ? settled.recorded : settled.dropped).push([place, n]);
    if (recorded) this.recorded++;
  }

  private writeSettled(): void {
    const { recorded, dropped } = this.settled;
    this.settled = { recorded: [], dropped: [] };
    this.ledger.end(recorded, true);
    this.ledger.end(dropped, false);
  }
}

function credentials({ user, secrets }: SitePlan, id: string): { user?: string; password?: string } {
  const own = secrets?.[id];
  if (own !== undefined) return { user: id, password: own };
  const password = process.env['LINNET_MQTT_PASSWORD'];
  return { ...(user !== undefined && { user }), ...(password !== undefined && { password }) };
}

let site: Site | undefined;

async function hear(message: ToSite): Promise<void> {
  switch (message.kind) {
    case 'start': {
      const own = (site = await Site.start(message.plan));
      setInterval(() => say({ kind: 'counts', ...own.report() }), COUNTS_MS).unref();
      return say({ kind: 'ready' });
    }
    case 'record':
      return site?.record(message.at);
    case 'drain': {
      await site?.drain(message.waitMs);
      const report = site?.report() ?? { recorded: 0, pending: 0, connected: 0, acknowledged: [] };
      await site?.close();
      say({ kind: 'done', ...report });
      process.disconnect();
    }
  }
}

function say(message: FromSite): void {
  if (process.connected) process.send?.(message);
}

process.on('message', (message: ToSite) => void hear(message));
process.on('disconnect', () => process.exit());
