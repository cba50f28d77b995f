/** `linnet simulate fleet`: devices, link and server through what goes wrong, then the ledger against the store. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openStoreReadOnly } from '@linnet/connectors/history';
import { LinnetError } from '@linnet/core';
import { interruptible } from '../../interrupt.ts';
import { Progress } from '../../progress.ts';
import { EXIT } from '../../report.ts';
import type { Outcome } from './compare.ts';
import { Devices } from './devices.ts';
import { planFaults, type FaultEvent, type FleetFault } from './fault-plan.ts';
import { ServerProcess } from './server-process.ts';

export interface SimulateFleetOptions {
  readonly devices: number;
  readonly interval: number;
  readonly for: number;
  readonly loss: number;
  readonly faults: readonly FleetFault[];
  readonly seed: number;
  readonly backlog: number;
  readonly processes?: number;
  readonly broker?: string;
  readonly store?: string;
  readonly ledger?: string;
  readonly wait: number;
  readonly output: 'text' | 'json';
}

const DEVICES_MAX = 100_000;
const READINGS_MAX = 50_000_000;
const DEVICES_PER_PROCESS = 500;
/** A small fleet has several processes, too, so that a kill hits a part of it. */
const PROCESSES_MIN = 4;
/** What waits for a link or a server. */
const LINK_FAULTS: ReadonlySet<FleetFault> = new Set(['outage', 'storm']);

/** @returns the exit code: 1 where a reading is lost, doubled or out of order */
export async function simulateFleet(options: SimulateFleetOptions): Promise<number> {
  check(options);
  const folder = options.ledger ?? mkdtempSync(join(tmpdir(), 'linnet-fleet-'));
  if (options.ledger !== undefined) makeEmpty(folder);
  const run = new FleetRun(options, folder);
  const keep = () => options.ledger !== undefined;
  try {
    const outcome = await interruptible(
      () => run.outcome(),
      () => {
        run.abandon();
        if (!keep()) rmSync(folder, { recursive: true, force: true });
      },
    );
    const whole = isWhole(outcome);
    process.stdout.write(
      options.output === 'json' ? `${JSON.stringify(outcome)}\n` : `${outcomeText(outcome)}\n`,
    );
    if (whole && !keep()) rmSync(folder, { recursive: true, force: true });
    if (!whole) process.stderr.write(`linnet: ledgers, buffers and what was stored are in ${folder}\n`);
    return whole ? EXIT.done : EXIT.failed;
  } finally {
    run.abandon();
  }
}

export function isWhole({ lost, duplicated, outOfOrder }: Outcome): boolean {
  return lost + duplicated + outOfOrder === 0;
}

export function outcomeText(outcome: Outcome): string {
  const { recorded, stored, lost, duplicated, outOfOrder, p50Ms, p99Ms, drainPerSecond } = outcome;
  const counts = `recorded ${recorded}, stored ${stored}, lost ${lost}, duplicated ${duplicated}, out of order ${outOfOrder}`;
  return `${counts}; p50 ${p50Ms} ms, p99 ${p99Ms} ms; drain ${drainPerSecond} readings/s`;
}

function check({
  devices,
  interval,
  for: forMs,
  backlog,
  broker,
  store,
  faults,
  loss,
}: SimulateFleetOptions): void {
  const usage = (text: string) => new LinnetError('usage', text);
  if (devices > DEVICES_MAX) throw usage(`--devices ${devices}: at most ${DEVICES_MAX} on one machine`);
  if (devices * (forMs / interval + backlog) > READINGS_MAX) {
    throw usage(
      `these are more than ${READINGS_MAX.toLocaleString('en')} readings: take fewer --devices, a shorter --for or --backlog, or a longer --interval`,
    );
  }
  if (broker === undefined) return;
  if (store === undefined) {
    throw usage(
      '--broker needs --store: the folder in which the server behind that broker stores (its --data)',
    );
  }
  if (!/^mqtts?:\/\/[^/]+$/.test(broker) || !URL.canParse(broker)) {
    throw usage(`--broker ${JSON.stringify(broker)} is no broker: mqtt://host[:port] or mqtts://host`);
  }
  if (faults.includes('server'))
    throw usage('--faults server is for the server that this starts: leave --broker out');
  if (broker.startsWith('mqtts:') && (loss > 0 || faults.some((fault) => LINK_FAULTS.has(fault)))) {
    throw usage('--loss and the faults outage and storm need mqtt://: TLS goes to its host directly');
  }
  openStoreReadOnly(store).close();
}

/** A ledger of another run would be taken for this one's. */
function makeEmpty(folder: string): void {
  let held: string[];
  try {
    mkdirSync(folder, { recursive: true });
    held = readdirSync(folder);
  } catch (cause) {
    throw new LinnetError('io.failed', `cannot make the folder ${folder}: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (held.length > 0)
    throw new LinnetError('io.refused', `${folder} is not empty: give --ledger an empty folder`);
}

class FleetRun {
  private readonly options: SimulateFleetOptions;
  private readonly store: string;
  private readonly folder: string;
  private readonly events: readonly FaultEvent[];
  private readonly processes: number;
  private server: ServerProcess | undefined;
  private devices: Devices | undefined;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly repairs = new Set<Promise<unknown>>();
  private fail: (error: Error) => void = () => undefined;
  private readonly failed = new Promise<never>((_, reject) => {
    this.fail = reject;
  });

  constructor(options: SimulateFleetOptions, folder: string) {
    const { devices, seed, faults, for: forMs } = options;
    this.options = options;
    this.folder = folder;
    this.store = options.store ?? join(folder, 'store');
    const usual = Math.max(PROCESSES_MIN, Math.ceil(devices / DEVICES_PER_PROCESS));
    this.processes = Math.min(devices, options.processes ?? usual);
    this.events = planFaults({ seed, forMs, sites: this.processes, faults: new Set(faults) });
    this.failed.catch(() => undefined);
  }

  async outcome(): Promise<Outcome> {
    const progress = new Progress(process.stderr);
    try {
      return await Promise.race([this.work(progress), this.failed]);
    } finally {
      progress.end();
      for (const timer of this.timers) clearTimeout(timer);
    }
  }

  /** Ends whatever runs. */
  abandon(): void {
    this.devices?.abandon();
    this.server?.abandon();
  }

  private async work(progress: Progress): Promise<Outcome> {
    const { options } = this;
    progress.update('starting');
    const broker = options.broker ?? (await this.startServer());
    const devices = await this.openDevices(broker);
    await devices.start();
    const from = Date.now();
    devices.record(from);
    for (const event of this.events) this.at(event.at, () => this.happen(event));
    const watching = setInterval(() => {
      const { recorded, pending, connected } = devices.counts;
      const text = `${recorded} recorded, ${pending} not stored yet, ${connected} of ${options.devices} connected`;
      progress.update(text, Math.min(1, (Date.now() - from) / options.for));
    }, 500);
    try {
      await wait(options.for);
      await Promise.all(this.repairs);
      await devices.drain(options.wait);
    } finally {
      clearInterval(watching);
    }
    progress.update('comparing');
    devices.closeLinks();
    await this.server?.stop();
    this.tell(devices);
    return devices.compare(this.store);
  }

  private async startServer(): Promise<string> {
    const { argv, execArgv, execPath } = process;
    const command = [execPath, ...execArgv, argv[1] as string] as const;
    this.server = new ServerProcess({ command, data: this.store, onFailure: this.fail });
    await this.server.start();
    return `mqtt://127.0.0.1:${this.server.port}`;
  }

  private async openDevices(broker: string): Promise<Devices> {
    const { options } = this;
    const { devices, interval: intervalMs, backlog, seed, faults, for: forMs, loss } = options;
    const linked = loss > 0 || backlog > 0 || faults.some((fault) => LINK_FAULTS.has(fault));
    const run = `sim-${Date.now().toString(36)}`;
    this.devices = await Devices.open({
      run,
      folder: this.folder,
      devices,
      processes: this.processes,
      intervalMs,
      backlog,
      seed,
      faults,
      forMs,
      lossPercent: loss,
      broker,
      linked,
      onFailure: this.fail,
    });
    return this.devices;
  }

  private at(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
  }

  private happen({ kind, site, lastsMs }: FaultEvent): void {
    const [own, link] = [this.devices?.sites[site], this.devices?.links[site]];
    if (kind === 'storm') for (const one of this.devices?.links ?? []) one.resetAll();
    if (kind === 'outage' && link !== undefined) {
      link.down();
      this.at(lastsMs, () => link.up());
    }
    if (kind === 'kill' && own !== undefined) this.repair(own, lastsMs);
    if (kind === 'server' && this.server !== undefined) this.repair(this.server, lastsMs);
  }

  /** Kills something, and starts it again after a while. */
  private repair(what: { kill(): Promise<boolean>; start(): Promise<void> }, awayMs: number): void {
    const work = async () => {
      if (!(await what.kill())) return;
      await wait(awayMs);
      await what.start();
    };
    const done: Promise<unknown> = work().then(() => this.repairs.delete(done), this.fail);
    this.repairs.add(done);
  }

  private tell(devices: Devices): void {
    const { pending } = devices.counts;
    const kills = devices.sites.reduce((sum, site) => sum + site.kills, 0);
    const count = (kind: FaultEvent['kind']) => this.events.filter((event) => event.kind === kind).length;
    const parts = [
      `${this.options.devices} devices in ${this.processes} processes`,
      `${count('outage')} outages, ${count('storm')} storms, ${devices.resets} connections reset`,
      `${kills} processes and the server ${this.server?.kills ?? 0} times killed`,
    ];
    process.stderr.write(`linnet: ${parts.join('; ')}\n`);
    if (pending > 0)
      process.stderr.write(`linnet: ${pending} readings were still on their devices when --wait was over\n`);
  }
}
