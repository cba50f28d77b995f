/** All devices of a run: their processes, the link of each process, their ledgers. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Chance } from '@linnet/core/simulate';
import { compare, type Outcome } from './compare.ts';
import type { FleetFault } from './fault-plan.ts';
import { readLedger, type Fates } from './ledger.ts';
import { Link } from './link.ts';
import { SimulatedDevice } from './reading.ts';
import { Site } from './site.ts';

export interface DevicesOptions {
  /** Begins the name of every device. */
  readonly run: string;
  /** For buffers and ledgers. */
  readonly folder: string;
  readonly devices: number;
  readonly processes: number;
  readonly intervalMs: number;
  /** Readings that each device has on disk before the link is up. */
  readonly backlog: number;
  readonly seed: number;
  readonly faults: readonly FleetFault[];
  readonly forMs: number;
  readonly lossPercent: number;
  readonly broker: string;
  /** Devices reach the broker through links that can fail; without, directly. */
  readonly linked: boolean;
  readonly secrets?: Readonly<Record<string, string>>;
  /** A command that runs each process for us. */
  readonly within?: readonly string[];
  readonly onFailure: (error: Error) => void;
}

export interface FleetCounts {
  readonly recorded: number;
  readonly pending: number;
  readonly connected: number;
}

export class Devices {
  readonly sites: readonly Site[];
  readonly links: readonly Link[];
  private readonly options: DevicesOptions;

  private constructor(options: DevicesOptions, sites: readonly Site[], links: readonly Link[]) {
    this.options = options;
    this.sites = sites;
    this.links = links;
  }

  static async open(options: DevicesOptions): Promise<Devices> {
    const { folder, devices, processes, broker, linked, lossPercent, seed, onFailure, within, ...rest } =
      options;
    const url = new URL(broker);
    const links: Link[] = [];
    const sites: Site[] = [];
    mkdirSync(join(folder, 'buffers'), { recursive: true });
    for (let i = 0; i < processes; i++) {
      const first = Math.floor((i * devices) / processes);
      const count = Math.floor(((i + 1) * devices) / processes) - first;
      let own = broker;
      if (linked) {
        const [host, port] = [url.hostname.replace(/^\[|\]$/g, ''), Number(url.port || 1883)];
        const link = await Link.open({ host, port, lossPercent, chance: new Chance(seed, `link ${i}`) });
        links.push(link);
        own = `mqtt://127.0.0.1:${link.port}`;
      }
      const user = decodeURIComponent(url.username);
      const plan = {
        ...rest,
        seed,
        broker: own,
        ...(user !== '' && { user }),
        buffers: join(folder, 'buffers'),
        ledger: join(folder, `ledger-${i}.txt`),
        first,
        count,
      };
      sites.push(new Site(plan, onFailure, within));
    }
    return new Devices(options, sites, links);
  }

  /** Starts every process; a backlog is recorded while the links are down. */
  async start(): Promise<void> {
    if (this.options.backlog > 0) for (const link of this.links) link.down();
    await Promise.all(this.sites.map((site) => site.start()));
  }

  record(at: number): void {
    for (const link of this.links) link.up();
    for (const site of this.sites) site.record(at);
  }

  /** From here on no link fails. @returns when all is stored, or after `waitMs` */
  async drain(waitMs: number): Promise<void> {
    for (const link of this.links) link.heal();
    await Promise.all(this.sites.map((site) => site.drain(waitMs)));
  }

  get counts(): FleetCounts {
    const sum = (of: (site: Site) => number) => this.sites.reduce((total, site) => total + of(site), 0);
    return {
      recorded: sum((site) => site.recorded),
      pending: sum(({ counts }) => counts.pending),
      connected: sum(({ counts }) => counts.connected),
    };
  }

  get resets(): number {
    return this.links.reduce((sum, { resets }) => sum + resets, 0);
  }

  /** Places of the devices whose clock is wrong. */
  get wrongClocks(): Set<number> {
    const { devices, seed, faults } = this.options;
    const all = new Set(faults);
    const places = Array.from({ length: devices }, (_, place) => place);
    return new Set(places.filter((place) => new SimulatedDevice(seed, place, all, 0, 0).wrongClock));
  }

  /** The ledger of each process. */
  get ledgers(): string[] {
    return this.sites.map(({ plan }) => plan.ledger);
  }

  /**
   * From `record` to the server's acknowledgement, which follows its commit, of the live readings recorded within a time.
   * @returns ms, ascending
   */
  latencies(from = -Infinity, to = Infinity): Float64Array {
    const found: number[] = [];
    for (const { acknowledged } of this.sites) {
      for (let i = 0; i < acknowledged.length; i += 2) {
        const [at, ms] = [acknowledged[i] as number, acknowledged[i + 1] as number];
        if (at - ms >= from && at - ms < to) found.push(ms);
      }
    }
    return Float64Array.from(found).toSorted();
  }

  /** What was recorded against what a store holds; call it when the processes have ended. */
  compare(store: string): Outcome {
    const fates = new Map<number, Fates>();
    for (const path of this.ledgers) for (const [device, own] of readLedger(path)) fates.set(device, own);
    const latencies = this.latencies();
    return compare(store, { run: this.options.run, fates, wrongClocks: this.wrongClocks, latencies });
  }

  /** Ends every process at once. */
  abandon(): void {
    for (const site of this.sites) site.abandon();
    for (const link of this.links) link.close();
  }

  closeLinks(): void {
    for (const link of this.links) link.close();
  }
}
